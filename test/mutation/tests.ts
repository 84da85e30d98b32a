/** The tests that must notice if a source file is broken. */
export interface Tests {
  /** The project of jest. */
  project: 'unit' | 'faults';
  /** Test files, from `test/` and the project. */
  files: string[];
  /** Limits the tests to those whose name matches. */
  names: string;
}

/** Tests of named behaviour have to notice by themselves, without thousands of random inputs. */
const NAMED = '^(?!10,000 hostile deliveries)';

const CLIENT_TESTS = ['client', 'failures', 'chatClient'].map(
  (each) => `shared/http/${each}.test.ts`,
);

/** Files whose tests are others than that of the same name, or more. */
const UNIT_TESTS: Record<string, string[]> = {
  'BasetenWait/asleep.ts': ['BasetenWait/resume.test.ts', 'BasetenWait/keeper.test.ts'],
  'BasetenWait/awake.ts': ['BasetenWait/work.test.ts', 'BasetenWait/keeper.test.ts'],
  'BasetenWait/learn.ts': ['BasetenWait/work.test.ts', 'BasetenWait/keeper.test.ts'],
  'BasetenWait/steps.ts': ['BasetenWait/work.test.ts'],
  'BasetenWait/words.ts': ['BasetenWait/work.test.ts'],
  'shared/choice.ts': ['shared/parameters/choice.test.ts'],
  'shared/connection/headerValue.ts': ['shared/connection/connection.test.ts'],
  'shared/errors/responseText.ts': ['shared/errors/basetenError.test.ts'],
  'shared/http/attempt.ts': CLIENT_TESTS,
  'shared/http/readBody.ts': CLIENT_TESTS,
  'shared/payload/storeFile.ts': ['shared/payload/responseItem.test.ts'],
  'shared/run/splitting.ts': ['shared/run/batches.test.ts'],
};

/** Files that only a server on a socket can test: rows of the table of both ways. */
const ROWS: Record<string, string> = {
  'shared/http/overFetch.ts': 'status (407|302|0\\d\\d)|100 that was not asked for',
  'shared/http/overN8n.ts': 'status (302|401|0\\d\\d)|gzip|URL-encoded',
};

/** @param file source file, from `nodes` */
export function testsOf(file: string): Tests {
  const rows = ROWS[file];
  if (rows !== undefined) return { project: 'faults', files: ['bothWays.test.ts'], names: rows };
  const files = UNIT_TESTS[file] ?? [file.replace(/\.ts$/, '.test.ts')];
  return { project: 'unit', files, names: NAMED };
}
