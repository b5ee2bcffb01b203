/** What the projects on the screenshots say of themselves. */

export const projects = [
  { name: 'chain', version: '2.4.1', summary: 'Links that hold' },
  { name: 'buoy', version: '0.9.2', summary: 'Marks what lies below' },
  { name: 'lighthouse', version: '3.0.0', summary: 'Monitoring that can be seen from far away' },
  { name: 'rope', version: '1.8', summary: 'Ropes, knots and splices' },
  { name: 'tide-tables', version: '2026.4', summary: 'When there is water under the keel' },
] as const

export const readme = `# Anchor

Drops *anchors*, and **weighs** them again. It knows the depth, the ground and the weather,
and pays out as much chain as is needed.

\`\`\`python
import anchor

async with anchor.drop(depth=12, ground='sand') as hold:
    await hold.until('morning')
\`\`\`

| Kind | Weight | Holds in |
|:-----|-------:|----------|
| Danforth | 12 kg | sand, mud |
| Admiralty | 3,000 kg | rock |

- [x] drops by itself
- [x] weighs when the wind turns
- [ ] finds lost anchors

> [!NOTE]
> Version 2 needs \`chain\` 2 or newer.
`

export const code = (version: string): string => `"""Drops anchors, and weighs them again."""
from dataclasses import dataclass

import chain

__version__ = '${version}'


@dataclass(frozen=True)
class Hold:
    """What keeps the ship where it is."""

    depth: float
    ground: str = 'sand'

    @property
    def links(self) -> int:
        """${version === '2.1' ? 'Five' : 'Four'} times the depth, in links of the chain."""
        return round(${version === '2.1' ? 5 : 4} * self.depth / chain.LINK)
${
  version === '2.1'
    ? `
    def drags(self, wind: float) -> bool:
        """Whether it is time to go on watch."""
        return wind > 30 and self.ground != 'rock'
`
    : ''
}

def drop(depth: float, ground: str = 'sand') -> Hold:
    if depth <= 0:
        raise ValueError('there is no water here')
    return Hold(depth, ground)
`

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><title>${title}</title><style>
  body { font: 16px/1.6 Georgia, serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem; color: #222 }
  nav { float: right; border-left: 2px solid #8aa; padding-left: 1rem; margin-left: 2rem }
  pre { background: #f2f5f5; padding: 1rem; overflow: auto }
  </style></head><body>${body}</body></html>`

export const docs = {
  'index.html': page(
    'Anchor manual',
    `<nav><p><a href="index.html">Dropping</a><p><a href="weigh.html">Weighing</a></nav>
    <h1>Dropping an anchor</h1>
    <p>Find a place with enough room to swing. Head into the wind, stop, and drop. Then go astern slowly until the
    anchor has taken hold of the ground, and take a bearing.</p>
    <pre>async with anchor.drop(depth=12, ground='sand') as hold:
    await hold.until('morning')</pre>
    <h2>How much chain</h2>
    <p>Five times the depth in fair weather, more when it blows.</p>`,
  ),
  'weigh.html': page(
    'Weighing',
    '<h1>Weighing the anchor</h1><p>Motor forward while the windlass hauls.</p>',
  ),
}
