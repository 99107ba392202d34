import { defineConfig } from 'vitest/config'

const live = ['test/live/**/*.test.ts']
const system = ['test/e2e/**/*.test.ts', 'test/infra/**/*.test.ts']

/** Two cores are what CI has; a test mostly waits for PostgreSQL, Redis or libvirt. */
const maxWorkers = 2

/**
 * Tests kill real processes at moments of a loaded machine. One that fails is run again, and `npm test` names it at its
 * end: there is a race to find.
 */
const retry = 2

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    reporters: ['default'],
    projects: [
      {
        // The parts, each against a real PostgreSQL and Redis.
        extends: false,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...live, ...system],
          pool: 'forks',
          maxWorkers,
          retry,
          testTimeout: 15_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Whole programs, started as users start them.
        extends: false,
        test: {
          name: 'system',
          include: system,
          pool: 'forks',
          maxWorkers,
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Real libvirt and QEMU.
        extends: false,
        test: {
          name: 'live',
          include: live,
          pool: 'forks',
          maxWorkers,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
