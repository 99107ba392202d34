import { useSyncExternalStore } from 'react'

/**
 * The page and its query in the fragment of the address, `#/vms?state=RUNNING`: any static host serves it, and an address
 * can be shared. For wouter's Router: https://github.com/molefrog/wouter#customizing-the-location-hook
 */
const parts = (): [path: string, query: string] => {
  const [path = '', query = ''] = window.location.hash.replace(/^#/, '').split('?', 2)
  return [path.startsWith('/') ? path : `/${path}`, query]
}

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

/** Goes to a page, or with `?…` to another query of the same page. */
function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const [path] = parts()
  const url = `#${to.startsWith('?') ? `${path}${to}` : to}`
  const oldURL = window.location.href
  if (replace) window.history.replaceState(null, '', url)
  else window.history.pushState(null, '', url)
  window.dispatchEvent(new HashChangeEvent('hashchange', { oldURL, newURL: window.location.href }))
}

export const useHashLocation = (): [path: string, go: typeof navigate] => [
  useSyncExternalStore(subscribe, () => parts()[0]),
  navigate,
]

export const useHashSearch = (): string => useSyncExternalStore(subscribe, () => parts()[1])

/** What a link shows as its address: wouter reads it here. */
useHashLocation.hrefs = (to: string): string => `#${to}`
