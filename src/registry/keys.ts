/**
 * Every key of the domain, drawn as a tree. A mirror's entries have the same shape as a stage's.
 *
 * ```text
 * user/USER                                   a user: secrets and own fields
 * index/USER/INDEX                            an index: kind and options
 * project/USER/INDEX/PROJECT                  a project on an index
 * version/USER/INDEX/PROJECT/VERSION          core metadata of a release, as registered or uploaded
 * file/USER/INDEX/PROJECT/FILENAME            a file: digest, size, upload time, who, yanked …
 * docs/USER/INDEX/PROJECT/VERSION             the documentation of a release: a zip
 * toxresult/USER/INDEX/PROJECT/FILENAME/NAME  what a test of a file found
 * removal/USER/INDEX                          an index that is gone, and what it held is being removed
 * group/primary                               which server was promoted last, and so began the epoch
 * ```
 *
 * PROJECT is a normalised name, VERSION the version as it was sent.
 */
import { key, keyRange, type Key, type KeyRange } from '#ledger/key'
import type { ProjectName } from '#python/name'
import type { DocsEntry } from './docs.ts'
import type { FileEntry } from './files.ts'
import type { RemovalEntry } from './index-removal.ts'
import type { PromotedEntry } from './promotions.ts'
import type { IndexEntry, IndexName } from './indexes.ts'
import type { ProjectEntry } from './projects.ts'
import type { ReleaseMetadata } from './releases.ts'
import type { ToxresultEntry } from './toxresults.ts'
import type { UserEntry } from './users.ts'

export const keys = {
  user: (user: string): Key<UserEntry> => key('user', user),
  users: (): KeyRange<UserEntry> => keyRange('user'),

  index: (name: IndexName): Key<IndexEntry> => key('index', ...parts(name)),
  indexesOf: (user: string): KeyRange<IndexEntry> => keyRange('index', user),
  indexes: (): KeyRange<IndexEntry> => keyRange('index'),

  project: (index: IndexName, project: ProjectName): Key<ProjectEntry> =>
    key('project', ...parts(index), project),
  projects: (index: IndexName): KeyRange<ProjectEntry> => keyRange('project', ...parts(index)),
  allProjects: (): KeyRange<ProjectEntry> => keyRange('project'),

  version: (index: IndexName, project: ProjectName, version: string): Key<ReleaseMetadata> =>
    key('version', ...parts(index), project, version),
  versions: (index: IndexName, project: ProjectName): KeyRange<ReleaseMetadata> =>
    keyRange('version', ...parts(index), project),
  versionsOfIndex: (index: IndexName): KeyRange<ReleaseMetadata> =>
    keyRange('version', ...parts(index)),

  file: (index: IndexName, project: ProjectName, filename: string): Key<FileEntry> =>
    key('file', ...parts(index), project, filename),
  files: (index: IndexName, project: ProjectName): KeyRange<FileEntry> =>
    keyRange('file', ...parts(index), project),
  filesOfIndex: (index: IndexName): KeyRange<FileEntry> => keyRange('file', ...parts(index)),
  allFiles: (): KeyRange<FileEntry> => keyRange('file'),

  docs: (index: IndexName, project: ProjectName, version: string): Key<DocsEntry> =>
    key('docs', ...parts(index), project, version),
  docsOf: (index: IndexName, project: ProjectName): KeyRange<DocsEntry> =>
    keyRange('docs', ...parts(index), project),
  docsOfIndex: (index: IndexName): KeyRange<DocsEntry> => keyRange('docs', ...parts(index)),
  allDocs: (): KeyRange<DocsEntry> => keyRange('docs'),

  toxresult: (file: FilePlace, name: string): Key<ToxresultEntry> =>
    key('toxresult', ...parts(file.index), file.project, file.filename, name),
  toxresultsOfFile: ({ index, project, filename }: FilePlace): KeyRange<ToxresultEntry> =>
    keyRange('toxresult', ...parts(index), project, filename),
  /** The names below are `FILENAME/NAME`. */
  toxresults: (index: IndexName, project: ProjectName): KeyRange<ToxresultEntry> =>
    keyRange('toxresult', ...parts(index), project),
  toxresultsOfIndex: (index: IndexName): KeyRange<ToxresultEntry> =>
    keyRange('toxresult', ...parts(index)),
  allToxresults: (): KeyRange<ToxresultEntry> => keyRange('toxresult'),

  removal: (index: IndexName): Key<RemovalEntry> => key('removal', ...parts(index)),
  removals: (): KeyRange<RemovalEntry> => keyRange('removal'),

  promoted: (): Key<PromotedEntry> => key('group', 'primary'),
}

/** Which file of an index. */
export interface FilePlace {
  readonly index: IndexName
  readonly project: ProjectName
  readonly filename: string
}

function parts(index: IndexName): [user: string, index: string] {
  const slash = index.indexOf('/')
  return [index.slice(0, slash), index.slice(slash + 1)]
}
