/** What the stories of releases are about, and words that they are told with. */
import { makeSdist, makeWheel, type Distribution } from '../../support/wheel.ts'
import type { RawAnswer, Step } from '../step.ts'

export const wheel = makeWheel('pkg', '1.0', { requiresPython: '>=3.8, <4' })
export const sdist = makeSdist('pkg', '1.0', { requiresPython: '>=3.8, <4' })
export const newer = makeWheel('pkg', '2.0')
export const pre = makeWheel('pkg', '10.0rc1')
export const other = makeWheel('other', '1.0')
export const sameName = makeWheel('pkg', '1.0', {
  content: '# of the base\n',
  requiresPython: '>=3.8, <4',
})
/** Its metadata lies in `Odd.Name-1.0.dist-info`. */
export const odd = makeOddWheel()
export const requiresPython = { fields: { requires_python: '>=3.8, <4' } }

export const del = (path: string, as = 'ann'): Step => ({
  ask: `DELETE ${path}`,
  ...(as && { as }),
})

export const toxOf = ({ bytes }: RawAnswer): string => {
  const { result = 'none' } = JSON.parse(bytes.toString()) as { result?: string }
  return `/${result.split('#')[0]}`
}

function makeOddWheel(): Distribution {
  const metadata = 'Metadata-Version: 2.1\nName: Odd.Name\nVersion: 1.0\n'
  return makeWheel('odd-name', '1.0', {
    omit: ['METADATA', 'WHEEL', 'RECORD'],
    extraFiles: {
      'Odd.Name-1.0.dist-info/METADATA': metadata,
      'Odd.Name-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\n',
    },
  })
}
