/** The least that a program of ours can weigh. */
setInterval(() => {}, 60_000)
