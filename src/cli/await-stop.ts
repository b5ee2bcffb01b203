/** Until somebody wants the program to end. */

/**
 * Resolves at the first signal to stop, also one that comes while the server is still starting, to the exit code of who
 * gives in to it; a second one ends it at once.
 */
export function awaitStop(): Promise<number> {
  return new Promise((resolve) => {
    let isStopping = false
    const onSignal = (_name: string, number: number) => {
      if (isStopping) process.exit(128 + number)
      isStopping = true
      resolve(128 + number)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
