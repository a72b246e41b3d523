/** Another process has the folder's store open. */
export class StoreInUse extends Error {
  constructor(folder: string) {
    super(
      `another process has the store in ${folder} open: one folder belongs to one process. Stop that one first, or give this one its own folder`,
    )
    this.name = 'StoreInUse'
  }
}

/** The store was written by a newer twokey, whose schema this version does not know. */
export class StoreTooNew extends Error {
  constructor(found: number, known: number) {
    super(
      `the store has schema ${found}, and this twokey knows schemas up to ${known}: start the newer twokey again, or restore the backup made before it`,
    )
    this.name = 'StoreTooNew'
  }
}

/** The store's file cannot be opened, read or written. */
export class StoreUnreadable extends Error {
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(
      `the store ${file} cannot be used: ${reason}. Check the file, its folder's permissions and the disk, or restore a backup`,
      options,
    )
    this.name = 'StoreUnreadable'
  }
}

/** There is no store to read. */
export class StoreMissing extends Error {
  constructor(folder: string) {
    super(
      `there is no store in ${folder}: set TWOKEY_DATA_DIR to the folder that \`twokey start\` was given, and run this where its disk is`,
    )
    this.name = 'StoreMissing'
  }
}

/** The store changed too quickly to be copied. */
export class StoreBusy extends Error {
  constructor(file: string) {
    super(
      `the store ${file} changed each time it was copied: try again in a moment, or stop twokey for as long as this takes`,
    )
    this.name = 'StoreRestless'
  }
}
