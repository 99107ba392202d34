import { type CSSVariablesResolver, createTheme, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Route, Router, Switch } from 'wouter'
import { CreateVmPage } from './create/create-vm-page.tsx'
import { ApiError } from './data/request.ts'
import { ImagesPage } from './images/images-page.tsx'
import { NodesPage } from './nodes/nodes-page.tsx'
import { AppFrame } from './shell/app-frame.tsx'
import { useHashLocation, useHashSearch } from './shell/hash-location.ts'
import { NotFoundPage } from './shell/not-found-page.tsx'
import { VmListPage } from './vms/vm-list-page.tsx'
import { VmPage } from './vms/vm-page.tsx'

const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
})

/** Mantine's own are below the contrast of WCAG 2.2 AA: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const readable: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-green-light-color': '#1a5c29',
    '--mantine-color-yellow-light-color': '#7a4a00',
    '--mantine-color-orange-light-color': '#8a3200',
    '--mantine-color-gray-light-color': 'var(--mantine-color-gray-8)',
  },
  dark: { '--mantine-color-dimmed': 'var(--mantine-color-dark-1)' },
})

const mostRetries = 2

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1000,
      // What was refused is refused again.
      retry: (failures, error) => failures < mostRetries && !(error instanceof ApiError && error.status < 500),
    },
  },
})

/** The console. Its addresses are in the fragment, so that any static host serves it. */
export const App = () => (
  <QueryClientProvider client={queries}>
    <MantineProvider theme={theme} cssVariablesResolver={readable} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <Router hook={useHashLocation} searchHook={useHashSearch}>
        <AppFrame>
          <Switch>
            <Route path="/" component={VmListPage} />
            <Route path="/vms" component={VmListPage} />
            <Route path="/vms/new" component={CreateVmPage} />
            <Route path="/vms/:id">{({ id }) => <VmPage key={id} vmId={id} />}</Route>
            <Route path="/nodes" component={NodesPage} />
            <Route path="/images" component={ImagesPage} />
            <Route component={NotFoundPage} />
          </Switch>
        </AppFrame>
      </Router>
    </MantineProvider>
  </QueryClientProvider>
)
