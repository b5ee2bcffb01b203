/** Work on many things, a few at a time. */

/** The results in order. After the first failure nothing more is begun, and what runs is waited for. */
export async function mapInParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  let failed: { readonly error: unknown } | undefined

  async function run(): Promise<void> {
    for (const [place, item] of queue) {
      if (failed) return
      try {
        results[place] = await work(item)
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, run))
  if (failed) throw failed.error
  return results
}
