/** What the writer of the search index says to SQLite. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

const statements = {
  state: 'SELECT * FROM state',
  lease:
    'UPDATE state SET holder = ?, held_until = ? WHERE holder IS NULL OR holder = ? OR held_until < ? RETURNING 1',
  release: 'UPDATE state SET holder = NULL, held_until = 0 WHERE holder = ?',
  setState: 'UPDATE state SET serial = ?, hash = ?, walk = ?',
  setSequence: 'UPDATE state SET sequence = ?',
  wantRebuild: 'UPDATE state SET wants_rebuild = ?',

  listIndexes: 'SELECT name FROM of_index ORDER BY name',
  findIndex: 'SELECT id, names_token FROM of_index WHERE name = ?',
  addIndex: 'INSERT INTO of_index (name) VALUES (?) RETURNING id',
  removeIndex: 'DELETE FROM of_index WHERE id = ?',
  setNamesToken: 'UPDATE of_index SET names_token = ? WHERE id = ?',
  forgetTokens: 'UPDATE of_index SET names_token = NULL',

  findProject: 'SELECT id, is_known, is_listed FROM project WHERE of_index = ? AND name = ?',
  addProject: 'INSERT INTO project (id, of_index, name) VALUES (?, ?, ?)',
  setProject: `UPDATE project SET is_known = 1, serial = ?, spelling = ?, version = ?, docs_version = ?,
    summary = ? WHERE id = ?`,
  unknow: `UPDATE project SET is_known = 0, serial = NULL, spelling = NULL, version = NULL,
    docs_version = NULL, summary = NULL WHERE id = ?`,
  removeProject: 'DELETE FROM project WHERE id = ?',
  listSome: 'SELECT id FROM project WHERE of_index = ? LIMIT ?',
  listKnown: `SELECT p.name FROM project p JOIN of_index i ON i.id = p.of_index
    WHERE i.name = ? AND p.name > ? AND p.is_known ORDER BY p.name LIMIT ?`,

  addName:
    'INSERT OR IGNORE INTO project (id, of_index, name, is_listed) VALUES (?, ?, ?, 1) RETURNING 1',
  markListed: 'UPDATE project SET is_listed = ? WHERE of_index = ? AND name = ?',
  listListed: `SELECT p.name FROM project p JOIN of_index i ON i.id = p.of_index
    WHERE i.name = ? AND p.name > ? AND p.is_listed ORDER BY p.name LIMIT ?`,

  addTag: 'INSERT OR IGNORE INTO tag VALUES (?, ?, ?)',
  removeTags: 'DELETE FROM tag WHERE project = ?',
  addDocument: 'INSERT INTO document VALUES (?, ?, ?, ?, ?)',
  listDocuments: 'SELECT id FROM document WHERE project = ?',
  removeDocuments: 'DELETE FROM document WHERE project = ?',
  addWords: 'INSERT INTO fts (rowid, words) VALUES (?, ?)',
  removeWords: 'DELETE FROM fts WHERE rowid = ?',
  merge: `INSERT INTO fts (fts, rank) VALUES ('merge', ?)`,
  totalChanges: 'SELECT total_changes() AS total',

  owe: 'INSERT OR IGNORE INTO owed VALUES (?, ?)',
  pay: 'DELETE FROM owed WHERE of_index = ? AND project = ?',
  listOwed: 'SELECT of_index, project FROM owed',
} as const

export function prepareStatements(
  db: DatabaseSync,
): Record<keyof typeof statements, StatementSync> {
  const prepared = Object.entries(statements).map(([name, sql]) => [name, db.prepare(sql)] as const)
  return Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>
}
