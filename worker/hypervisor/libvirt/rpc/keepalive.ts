/**
 * How many calls libvirtd takes from one client at a time (max_client_requests) until it stops reading from it.
 * Then it does not see a ping either, and silence says nothing.
 */
const saturatingCalls = 5

export interface KeepaliveOptions {
  intervalMs: number
  /** Pings without any answer until the connection counts as dead. */
  count: number
}

/** Finds a daemon that is there but does not answer. Any message counts as a sign of life. */
export class Keepalive {
  readonly #timer: NodeJS.Timeout
  #heard = true
  #unanswered = 0

  constructor(options: KeepaliveOptions, channel: { callsUnderWay(): number; ping(): void; dead(): void }) {
    this.#timer = setInterval(() => {
      if (this.#heard || channel.callsUnderWay() >= saturatingCalls) this.#unanswered = 0
      else if (this.#unanswered >= options.count) {
        channel.dead()
        return
      }
      if (!this.#heard) {
        this.#unanswered++
        channel.ping()
      }
      this.#heard = false
    }, options.intervalMs)
  }

  heard(): void {
    this.#heard = true
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
