/** Tells the user on the console what is going on. */
export interface Progress {
  say(line: string): void
  /** Announces work before it begins, and says how long it took; `detail` tells of its parts meanwhile. */
  during<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
}

/** Between two words on the same work where lines cannot be overwritten. */
const quietMs = 5000

/** Overwrites its line on a terminal; elsewhere (CI, a file) it writes one now and then. */
export function consoleProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  const say = (line: string) => void out.write(`${line}\n`)
  return {
    say,
    async during(title, work) {
      const begun = Date.now()
      const seconds = () => `${((Date.now() - begun) / 1000).toFixed(1)} s`
      let spoken = begun
      const overwrite = (text: string) => out.write(`\r\x1b[K${text.slice(0, (out.columns ?? 80) - 1)}`)
      const detail = (text: string) => {
        if (out.isTTY) overwrite(`${title} … ${seconds()} ${text}`)
        else if (Date.now() - spoken >= quietMs) {
          spoken = Date.now()
          say(`  … ${seconds()} ${text}`)
        }
      }
      if (out.isTTY) overwrite(`${title} …`)
      else say(`${title} …`)
      try {
        const result = await work(detail)
        if (out.isTTY) overwrite('')
        say(`${title}: done in ${seconds()}`)
        return result
      } catch (error) {
        if (out.isTTY) overwrite('')
        say(`${title}: failed after ${seconds()}`)
        throw error
      }
    },
  }
}
