import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LibvirtNode } from '../hypervisor/libvirt-node.ts'
import type { LinuxGuest } from './linux-guest.ts'

const uncancelled = new AbortController().signal

/** What a guest's own scripts do around a freeze with a token. */
export function describeFreezeScripts(open: () => { node: LibvirtNode; guest: LinuxGuest }): void {
  describe('the scripts of a guest', () => {
    let node: LibvirtNode
    let guest: LinuxGuest
    beforeAll(() => {
      ;({ node, guest } = open())
    })
    beforeEach(async () => {
      await guest.sh('mkdir -p /etc/quantix/pre-freeze.d /etc/quantix/post-thaw.d; : > /tmp/ran')
      await script('pre-freeze.d/10-first', 'echo first >> /tmp/ran')
      await script('post-thaw.d/50-after', 'echo after >> /tmp/ran; echo x > /disk/thawed')
    })
    afterEach(() => guest.sh('rm -r /etc/quantix'))

    const script = (name: string, body: string) =>
      guest.sh(`printf '#!/bin/sh\\n%s\\n' '${body}' > /etc/quantix/${name}; chmod +x /etc/quantix/${name}`)
    const ran = async () => (await guest.sh('cat /tmp/ran')).split('\n').filter(Boolean)
    const quiesce = (timeoutSeconds = 60) =>
      node.hypervisor.quiesceFilesystems(
        { vmId: guest.vmId, mountPoints: [], timeoutSeconds, runPreFreezeScripts: true },
        uncancelled,
      )
    const thaw = (token: string, runPostThawScripts: boolean) =>
      node.hypervisor.thawFilesystems({ vmId: guest.vmId, token, runPostThawScripts }, uncancelled)

    test('run before the freeze, in the order of their names, and after the thaw where that is asked for', async () => {
      await script('pre-freeze.d/20-second', 'echo second >> /tmp/ran')
      await guest.sh('echo "echo never >> /tmp/ran" > /etc/quantix/pre-freeze.d/15-no-program')
      const { scriptsError } = await thaw((await quiesce()).token, true)
      expect(scriptsError).toBe(null)
      expect(await ran()).toEqual(['first', 'second', 'after'])
      await thaw((await quiesce()).token, false)
      expect(await ran()).toEqual(['first', 'second', 'after', 'first', 'second'])
    })

    test('keep the guest from being frozen where one fails or takes too long, and what they did is undone', async () => {
      await script('pre-freeze.d/30-last', 'echo last >> /tmp/ran')
      for (const body of ['echo no room for it >&2; exit 3', 'sleep 1234']) {
        await script('pre-freeze.d/20-bad', body)
        await expect(quiesce(body.startsWith('sleep') ? 2 : 60)).rejects.toMatchObject({
          code: 'failed_precondition',
          reason: 'PRE_FREEZE_SCRIPTS_FAILED',
          message: expect.stringMatching(body.startsWith('sleep') ? /longer than 1 s/ : /no room for it.*20-bad ended/),
        })
      }
      expect(await ran()).toEqual(['first', 'after', 'first', 'after'])
    })

    test('that fail after the thaw are told of, and the guest is thawed', async () => {
      await script('post-thaw.d/60-bad', 'exit 7')
      const { scriptsError } = await thaw((await quiesce()).token, true)
      expect(scriptsError).toContain('60-bad ended with 7')
    })

    test('run after the thaw of the deadline', async () => {
      await quiesce(2)
      await expect.poll(() => ran().catch(() => []), { timeout: 20_000, interval: 200 }).toEqual(['first', 'after'])
    })
  })
}
