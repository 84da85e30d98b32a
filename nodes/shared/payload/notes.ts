/** What a person may overlook in the responses of a run. The node's output shows it as hints. */
export class ReadingNotes {
  /** Responses with numbers that became text, because n8n can't hold them exactly. */
  bigNumbers = 0;
  /** Responses with `NaN` or `Infinity`, which became null. */
  notFinite = 0;
  /** Recordings without subtitles, because the model gave no times. */
  withoutTimes = 0;
  /** Recordings whose text breaks off, because the model had no more tokens. */
  cutTranscripts = 0;
  /** Paths of fields that should hold a file and do not. */
  readonly notFiles = new Set<string>();
}
