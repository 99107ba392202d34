import { Button, Group, Stack, Stepper, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useLocation } from 'wouter'
import { useCreateVm, useVmAction } from '../data/vms.ts'
import { ErrorNote } from '../shell/error-note.tsx'
import { showError } from '../shell/show-error.ts'
import { text } from '../text.ts'
import { BasicsStep } from './basics-step.tsx'
import { emptyDraft, problemsOf, requestOf, type Step, steps } from './draft.ts'
import { GuestStep } from './guest-step.tsx'
import { HardwareStep } from './hardware-step.tsx'
import { MediaStep } from './media-step.tsx'
import { NetworkStep } from './network-step.tsx'
import { ReviewStep } from './review-step.tsx'
import type { StepProps } from './step-props.ts'
import { StorageStep } from './storage-step.tsx'

const stepViews: Record<Step, (props: StepProps) => React.ReactNode> = {
  basics: BasicsStep,
  hardware: HardwareStep,
  media: MediaStep,
  storage: StorageStep,
  network: NetworkStep,
  guest: GuestStep,
  review: ReviewStep,
}

/** A name is enough: from each step the VM can be created. */
export function CreateVmPage() {
  const [draft, setDraft] = useState(emptyDraft)
  const [active, setActive] = useState(0)
  const [shows, setShows] = useState(false)
  const [, navigate] = useLocation()
  const create = useCreateVm()
  const start = useVmAction('start')

  const problems = problemsOf(draft)
  const step = steps[active] as Step
  const View = stepViews[step]
  const isLast = active === steps.length - 1

  function submit(event: FormEvent) {
    event.preventDefault()
    const [first] = problems
    if (first) {
      setShows(true)
      setActive(steps.indexOf(first.step))
      return
    }
    create.mutate(requestOf(draft), {
      onSuccess: (vm) => {
        navigate(`/vms/${vm.id}`)
        if (!draft.startAfter) return
        // One that takes longer is started by its user.
        if (vm.operation) notifications.show({ message: text.create.startLater(vm.name) })
        else start.mutate(vm.id, { onError: showError })
      },
    })
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Title order={1} size="h2">
          {text.create.title}
        </Title>
        <Stepper active={active} onStepClick={setActive} size="sm" iconSize={28} wrap>
          {steps.map((name) => (
            <Stepper.Step key={name} label={text.create.steps[name]} />
          ))}
        </Stepper>
        <View
          draft={draft}
          change={(part) => setDraft((before) => ({ ...before, ...part }))}
          problems={shows ? Object.fromEntries(problems.map(({ field, message }) => [field, message])) : {}}
        />
        {create.error && <ErrorNote error={create.error} />}
        <Group justify="space-between">
          <Button variant="default" onClick={() => setActive(active - 1)} disabled={active === 0}>
            {text.create.back}
          </Button>
          <Group>
            {!isLast && (
              <Button variant="default" onClick={() => setActive(active + 1)}>
                {text.create.next}
              </Button>
            )}
            <Button type="submit" loading={create.isPending}>
              {text.create.button}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
