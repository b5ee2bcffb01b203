/** Users. */

export interface UserEntry {
  /** argon2id PHC string; absent for a user who cannot log in with a password. */
  readonly pwhash?: string
  /** RFC 3339, whole seconds. */
  readonly created: string
  readonly modified?: string
  readonly email?: string
  readonly title?: string
  readonly description?: string
  /** Any JSON. */
  readonly custom_data?: unknown
}
