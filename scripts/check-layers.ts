/** Holds the borders of the source tree (`layers.ts`) and what may stand in no file (`forbidden-text.ts`). */
import { findForbiddenText } from './forbidden-text.ts'
import { findImportProblems } from './layers.ts'
import { readTextFiles, report } from './repository.ts'

const files = await readTextFiles()

report(
  'check-layers',
  files.flatMap((file) => [...findImportProblems(file), ...findForbiddenText(file)]),
)
