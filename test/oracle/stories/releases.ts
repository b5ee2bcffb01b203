/** What is said to both servers about releases, in this order. */
import type { Story } from '../step.ts'
import { releaseFiles } from './release-files.ts'
import { releasePages } from './release-pages.ts'
import { releasePushes } from './release-pushes.ts'
import { releaseRemovals } from './release-removals.ts'

export const releases: Story = {
  name: 'releases',
  theirs: ['--enable-core-metadata'],
  chapters: [...releasePages, ...releaseFiles, ...releasePushes, ...releaseRemovals],
}
