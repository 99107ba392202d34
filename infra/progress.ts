/** Tells the user on the console what is going on. */
export interface Progress {
  say(line: string): void
  /** Says that work is under way unless it ends at once, and how long it took; `detail` tells of its parts meanwhile. */
  during<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
}

/** Work that is shorter needs no announcement. */
const shortMs = 1000
/** Between two words on the same work where lines cannot be overwritten. */
const quietMs = 5000

/** Overwrites its line on a terminal; elsewhere (CI, a file) it writes one now and then. */
export function consoleProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const say = (line: string) => void out.write(`${line}\n`)
  const overwrite = (text: string) => void out.write(`\r\x1b[K${text.slice(0, (out.columns ?? 80) - 1)}`)
  return {
    say,
    async during(title, work) {
      const begun = Date.now()
      const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`
      const announce = setTimeout(() => (out.isTTY ? overwrite(`${title} …`) : say(`${title} …`)), shortMs)
      let spoken = begun
      const detail = (text: string) => {
        if (out.isTTY) overwrite(`${title} … ${seconds()} ${text}`)
        else if (Date.now() - spoken >= quietMs) {
          spoken = Date.now()
          say(`  … ${seconds()} ${text}`)
        }
      }
      const end = (outcome: string) => {
        clearTimeout(announce)
        if (out.isTTY) overwrite('')
        say(`${title}: ${outcome}`)
      }
      try {
        const result = await work(detail)
        end(seconds())
        return result
      } catch (error) {
        end(`failed after ${seconds()}`)
        throw error
      }
    },
  }
}
