/** Who inherits from whom, as JSON: around one index, and all of it. */
import type { Identity } from '#base/identity'
import { refuse } from '#base/refusal'
import { get, type Answer, type Call, type Route } from '#http/route'
import {
  DEFAULT_AROUND,
  graphAround,
  wholeGraph,
  type InheritanceGraph,
} from '#registry/inheritance-graph'
import { jsonKeeper, nameOfAsker } from './kept-json.ts'
import type { Parts } from './parts.ts'
import { indexOf } from './projects.ts'
import { slashed } from './views.ts'

/** More of them are counted and not told. */
const MOST = { nodes: 10_000, edges: 50_000 }

export function inheritanceRoutes(
  parts: Pick<Parts, 'ledger' | 'pages' | 'indexGraph' | 'reading'>,
): Route[] {
  const { indexGraph, reading } = parts
  const kept = jsonKeeper(parts)
  return [get('/+inheritance', showAll), ...slashed('/:user/:index/+inheritance', get, showAround)]

  async function showAll({ who }: Call): Promise<Answer> {
    return kept.send(`json inheritance ${await askerOf(who)}`, async (tx) => {
      const mayRead = await reading.seenBy(who, tx)
      const graph = wholeGraph(await indexGraph.currentFor(tx), {
        ...MOST,
        ...(mayRead && { mayRead }),
      })
      return envelope(graph, 'all')
    })
  }

  /** Where everybody sees the same, that is made once. */
  async function askerOf(who: Identity): Promise<string> {
    return (await reading.now()).isOpen ? '' : `for ${nameOfAsker(who)}`
  }

  async function showAround(call: Call): Promise<Answer> {
    const viewed = indexOf(call)
    const around = readAround(call.query)
    const steps = around === 'all' ? Infinity : around
    return kept.send(
      `json inheritance ${around} ${viewed} ${await askerOf(call.who)}`,
      async (tx) => {
        const mayRead = await reading.seenBy(call.who, tx)
        const bases = await indexGraph.currentFor(tx)
        const graph = graphAround(bases, viewed, {
          ...MOST,
          around: steps,
          ...(mayRead && { mayRead }),
        })
        if (!graph) throw refuse('index-missing', { index: viewed })
        return envelope(graph, around)
      },
    )
  }
}

type Around = number | 'all'

function readAround(query: URLSearchParams): Around {
  const text = query.get('around') ?? String(DEFAULT_AROUND)
  if (text === 'all') return text
  if (!/^\d{1,3}$/.test(text)) {
    throw refuse('bad-request', {
      reason: "'around' must be a number of steps up to 999, or 'all'",
    })
  }
  return Number(text)
}

function envelope(graph: InheritanceGraph, around: Around) {
  const { viewed, nodes, edges, cycles, leftOut, edgesLeftOut } = graph
  const result = {
    viewed,
    around,
    nodes: nodes.map(({ name, kind, distance, moreBases, moreHeirs }) => ({
      name,
      kind,
      distance: viewed === undefined ? undefined : distance,
      more_bases: moreBases,
      more_heirs: moreHeirs,
    })),
    edges,
    missing: nodes.filter(({ kind }) => kind === 'missing').map(({ name }) => name),
    cycles,
    left_out: leftOut,
    edges_left_out: edgesLeftOut,
  }
  return { result, type: 'inheritance' }
}
