/** Whether this Node can run us. Written so that any Node with modules can run this much. */

const least = [24, 15]

/** One line for standard error, or undefined where the version will do. */
export function tellIfTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isNewEnough = major > least[0]! || (major === least[0] && minor >= least[1]!)
  if (isNewEnough) return undefined
  return `Error: Wheelyard needs Node.js ${least.join('.')} or newer; this is ${version}.`
}
