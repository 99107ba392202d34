import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'

/** Where the pictures of pages are kept; git does not see them. */
const pictures = path.join(import.meta.dirname, '../../.cache/console')

/** Debian's own; another one by PATH would be another version. */
const executablePath = '/usr/bin/chromium'

/** Resolves in the page when what changes there has changed; what turns for ever aside. */
const atRest = `Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished))`

const sizes = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
] as const

/** A page of the console, and what it must never do. */
export interface ConsolePage {
  page: Page
  /** Keeps pictures of what is shown, light and dark, wide and narrow, and throws for what WCAG 2.2 AA does not allow. */
  look(name: string): Promise<void>
  /** Throws where the page had an error, or asked another host. */
  expectQuiet(): void
}

let browser: Promise<Browser> | undefined
afterAll(async () => (await browser)?.close())

/** Opens an address of the console in a browser of its own. */
export async function openConsole(origin: string, place = '/'): Promise<ConsolePage> {
  mkdirSync(pictures, { recursive: true })
  browser ??= chromium.launch({ executablePath, args: ['--no-sandbox'] })
  const context = await (await browser).newContext({ viewport: sizes[0] })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const noise: string[] = []
  page.on('pageerror', (error) => noise.push(error.message))
  page.on('console', (message) => {
    // A refusal is no fault of the page, and the browser notes each.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) noise.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) noise.push(`asked ${request.url()}`)
  })
  await page.goto(`${origin}/#${place}`)
  return {
    page,
    async look(name) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        for (const size of sizes) {
          await page.setViewportSize(size)
          // Colours and places change bit by bit.
          await page.evaluate(atRest)
          await page.screenshot({
            path: path.join(pictures, `${name}-${colorScheme}-${size.width}.png`),
            fullPage: true,
          })
        }
        const { violations } = await new AxeBuilder({ page })
          // A menu stands outside of the page's landmarks while it is open.
          .disableRules('region')
          .analyze()
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
        expect(found, `${name}, ${colorScheme}`).toEqual([])
      }
      await page.setViewportSize(sizes[0])
    },
    expectQuiet: () => expect(noise).toEqual([]),
  }
}
