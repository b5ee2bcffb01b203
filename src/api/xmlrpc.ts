/** `pip search`: XML-RPC at an index's address, as devpi-web has it (devpi-web 11.6). Whatever goes wrong is a fault. */
import { Refusal } from '#base/refusal'
import type { Answer, Call, Handle } from '#http/route'
import { normalizeLoosely } from '#python/name'
import {
  parseXmlRpcCall,
  printXmlRpcAnswer,
  UnreadableCall,
  type XmlRpcValue,
} from '#python/xmlrpc'
import { findProjects, type ProjectQuery } from '#registry/find-projects'
import { indexName } from '#registry/indexes'
import type { Parts } from './parts.ts'
import { faultAnswer, xmlAnswer } from './xml-answer.ts'

const LARGEST_CALL = 256 * 1024
const MOST_WORDS = 20
/** For what was uploaded a moment ago. */
const PATIENCE_MS = 5000

const operators: ReadonlyMap<XmlRpcValue, ProjectQuery['operator']> = new Map([
  ['and', 'and'],
  ['or', 'or'],
  ['andnot', 'not'],
  ['not', 'not'],
  ['andmaybe', 'maybe'],
])

export function searchHandle({ ledger, search, policies }: Parts): Handle {
  return answer

  async function answer(call: Call): Promise<Answer> {
    const { user = '', index = '' } = call.params
    const text = (await call.bytes(LARGEST_CALL)).toString()
    try {
      const query = readSearch(text)
      await search.soonCaughtUp(PATIENCE_MS)
      const found = await findProjects(
        { ledger, policies, match: (wanted, indexes) => search.match(wanted, indexes) },
        { index: indexName(user, index), query },
      )
      return xmlAnswer(
        printXmlRpcAnswer(
          found.map(({ index: of, name, summary, version, score }) => ({
            name,
            summary: `[${of}] ${summary}`.trimEnd(),
            // pip cannot show what has no version at all.
            version: version ?? '0',
            _pypi_ordering: score,
          })),
        ),
      )
    } catch (error) {
      if (error instanceof UnreadableCall || error instanceof Refusal) {
        return faultAnswer(error.message)
      }
      throw error
    }
  }
}

function readSearch(text: string): ProjectQuery {
  const { method, params } = parseXmlRpcCall(text)
  if (method !== 'search') throw new UnreadableCall(`Unknown method '${method.slice(0, 100)}'.`)
  const [fields, operator = 'and'] = params
  const how = operators.get(typeof operator === 'string' ? operator.toLowerCase() : operator)
  if (how === undefined) throw new UnreadableCall('Unknown operator.')
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new UnreadableCall('The fields to search in are missing.')
  }
  const given = new Map(Object.entries(fields))
  if ([...given.keys()].some((field) => field !== 'name' && field !== 'summary')) {
    throw new UnreadableCall("Only 'name' and 'summary' allowed in query.")
  }
  const name = readWords(given.get('name'))?.map(normalizeLoosely)
  const summary = readWords(given.get('summary'))?.map((word) => word.toLowerCase())
  if (!name && !summary) throw new UnreadableCall('There is nothing to search for.')
  return { name, summary, operator: how }
}

/** Undefined where there are none. */
function readWords(value: XmlRpcValue | undefined): string[] | undefined {
  const texts = [value ?? []].flat()
  if (!texts.every((text) => typeof text === 'string')) {
    throw new UnreadableCall('Only texts can be searched for.')
  }
  const words = texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '')
  return words.length > 0 ? words.slice(0, MOST_WORDS) : undefined
}
