/** Whether a line begins another construct than text, asked where only text may go on. */
import { readEnumerator, isListItem } from './enumerator.ts'
import { fieldMarker } from './field-list.ts'
import { isOptionMarker } from './option-list.ts'
import { currentLine, type Cursor } from './parser.ts'

const simpleStarts =
  /^(?:[-+*\u2022\u2023\u2043](?: |$)|>>>(?: |$)|\|(?: |$)|\.\.(?: |$)|__(?: |$)|\+-[-+]+-\+ *$|=+(?: +=+)+ *$)/

export function isBodyStart(cursor: Cursor): boolean {
  const line = currentLine(cursor)
  if (simpleStarts.test(line)) return true
  if (fieldMarker(line) || isOptionMarker(line)) return true
  const enumerator = readEnumerator(line)
  return enumerator !== undefined && isListItem(enumerator, cursor.block.lines[cursor.at + 1])
}
