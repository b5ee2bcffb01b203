/** The model of the template `upload`. */

export interface UploadView {
  /** `user/index` */
  readonly index: string
  readonly address: string
  readonly action: string
  readonly csrf: string | undefined
  /** What became of each file that was sent. */
  readonly results: readonly UploadResult[]
  /** Why nothing was taken at all. */
  readonly mistake: string | undefined
  /** What stands in the fields of the form for documentation. */
  readonly docs: { readonly project: string; readonly version: string }
}

/** Also what a script is told of each file, as JSON. */
export interface UploadResult {
  readonly filename: string
  readonly isTaken: boolean
  /** What became of it, or what is wrong. */
  readonly message: string
  /** The page of its release. */
  readonly address: string | undefined
}
