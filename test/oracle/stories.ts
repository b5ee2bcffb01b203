/** All stories, in the order in which they are told. */
import type { Story } from './step.ts'
import { documentation } from './stories/documentation.ts'
import { indexes } from './stories/indexes.ts'
import { uploads } from './stories/uploads.ts'
import { mirrors } from './stories/mirrors.ts'
import { options } from './stories/options.ts'
import { releases } from './stories/releases.ts'
import { users } from './stories/users.ts'

export const stories: readonly Story[] = [
  users,
  indexes,
  uploads,
  releases,
  mirrors,
  documentation,
  ...options,
]
