/** A command line in the several notations that service managers read. */

const quotedIf = (isOdd: RegExp, word: string, quote: (word: string) => string): string =>
  word === '' || isOdd.test(word) ? quote(word) : word

/** For `sh`. */
export const quoteForShell = (words: readonly string[]): string =>
  words
    .map((word) => quotedIf(/[^\w@%+=:,./-]/, word, (text) => `'${text.replaceAll("'", `'\\''`)}'`))
    .join(' ')

/** For crontab, where an unprotected `%` ends the command. */
export const quoteForCron = (words: readonly string[]): string =>
  quoteForShell(words).replaceAll('%', '\\%')

/** For supervisord: as the shell has it, after `%(name)s` has been put in. */
export const quoteForSupervisor = (words: readonly string[]): string =>
  quoteForShell(words).replaceAll('%', '%%')

/** For `ExecStart=`: `%` and `$` would stand for something else. */
export const quoteForSystemd = (words: readonly string[]): string =>
  words
    .map((word) => word.replaceAll('%', '%%').replaceAll('$', '$$$$'))
    .map((word) => quotedIf(/[^\w@%$+=:,./-]/, word, (text) => JSON.stringify(text)))
    .join(' ')

/** As programs on Windows take their command line apart. */
export const quoteForWindows = (words: readonly string[]): string =>
  words
    .map((word) =>
      quotedIf(/[\s"]/, word, (text) => {
        const escaped = text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')
        return `"${escaped}"`
      }),
    )
    .join(' ')

export const quoteForXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
