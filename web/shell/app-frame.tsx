import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  NavLink,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconApi, IconDeviceDesktop, IconDisc, IconMoon, IconServer, IconSun } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { OperationsDrawer } from '../operations/operations-drawer.tsx'
import { text } from '../text.ts'

const pages = [
  { href: '/vms', label: text.nav.vms, Icon: IconDeviceDesktop },
  { href: '/images', label: text.nav.images, Icon: IconDisc },
  { href: '/nodes', label: text.nav.nodes, Icon: IconServer },
]

/** What is around every page. */
export function AppFrame({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure()
  const [location] = useLocation()
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between">
          <Group gap="sm">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={text.nav.menu} />
            <Text fw={700}>{text.product}</Text>
          </Group>
          <Group gap="sm">
            <OperationsDrawer />
            <ColorSchemeToggle />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        {pages.map(({ href, label, Icon }) => (
          <NavLink
            key={href}
            component={Link}
            href={href}
            label={label}
            leftSection={<Icon size={18} aria-hidden />}
            active={location.startsWith(href) || (location === '/' && href === '/vms')}
            onClick={close}
          />
        ))}
        <NavLink href="/docs" label={text.nav.api} leftSection={<IconApi size={18} aria-hidden />} />
      </AppShell.Navbar>
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  )
}

function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={text.nav.toggleColors}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      {scheme === 'dark' ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  )
}
