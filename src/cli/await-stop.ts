/** Until somebody wants the program to end. */

/** Resolves at the first signal to stop, also one that comes while the server is still starting; a second one ends it at once. */
export function awaitStop(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (_name: string, number: number) => {
      if (isStopping) process.exit(128 + number)
      isStopping = true
      resolve()
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
