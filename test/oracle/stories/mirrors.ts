/** What is said to both servers about mirrors, in this order. */
import type { Story } from '../step.ts'
import { mirrorOptions } from './mirror-options.ts'
import { mirrorPages } from './mirror-pages.ts'

export const mirrors: Story = {
  name: 'mirrors',
  mirrors: true,
  theirs: ['--enable-core-metadata'],
  chapters: [...mirrorPages, ...mirrorOptions],
}
