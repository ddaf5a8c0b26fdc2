/** Thrown where files are to be read, and not to be run. */
export const onlyRead = new Error("the files are only read");
