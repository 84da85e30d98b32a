import { nameOf } from '../../../shared/connection/endpoints';
import { UserInputError } from '../../../shared/errors/userInputError';
import { withExtra, type Answer } from '../../../shared/formats/format';
import { toItems, type TranscriptReading } from '../../../shared/formats/results';
import {
  TRANSCRIPTION_FORMATS,
  type TranscriptionAsk,
  type TranscriptionFormat,
} from '../../../shared/formats/transcription';
import { servedModelOf } from '../../../shared/knowledge/servedModel';
import { readOwner, readTarget } from '../../../shared/parameters/addressing';
import { readChoiceOption } from '../../../shared/parameters/choice';
import { multipartBody } from '../../../shared/payload/form';
import { jsonBody } from '../../../shared/payload/requestBody';
import { askModel, type FormatCall } from '../media/exchange';
import { MEDIA_TIMEOUT, readExtraInput, readTextOption } from '../media/parameters';
import {
  readRecording,
  readRecordingFile,
  readSource,
  withSizeHint,
  type RecordingSource,
} from '../media/recording';
import { chooseFormat, type ChosenFormat } from '../media/requestFormat';
import { checkRunsNow, runAsync } from '../media/runAsync';
import type { ItemCall, ItemOperation } from '../operation';
import { transcribeParameters } from './transcribe.parameters';

const SUBTITLES = {
  name: 'subtitles',
  label: 'Subtitles',
  values: ['none', 'srt', 'vtt'],
} as const;

/**
 * Turns a recording into text, with any model that does so: the request and the answer are the same
 * for the person, whatever template the model was made from.
 * @see https://docs.baseten.co/examples/overview
 */
export const transcribe: ItemOperation = {
  name: 'Transcribe',
  value: 'transcribe',
  action: 'Transcribe audio',
  callsDeployment: true,
  description: 'Turn a recording into text, with times and subtitles, using a speech-to-text model',
  timeout: MEDIA_TIMEOUT,
  properties: transcribeParameters,
  async execute(call) {
    checkRunsNow(call);
    const { context, notes } = call;
    const question = await readQuestion(call);
    try {
      const { answer, name } = await (question.format.isForm ? askWithForm : askWithJson)(
        call,
        question,
      );
      const making = { helpers: context.helpers, subject: nameOf(question.owner), notes };
      return await toItems(answer, readingOf(call, question, name), making);
    } catch (error) {
      throw withSizeHint(error, question.format.isForm);
    }
  },
  async executeRun(run) {
    return await runAsync(run, this, async (call) => {
      const question = await readQuestion(call);
      if (question.format.isForm) throw notAsJson(question.format);
      const { request, name } = await readRequest(call, question);
      return { ...question, requests: [request], reading: readingOf(call, question, name) };
    });
  },
};

async function readQuestion(call: ItemCall): Promise<Question> {
  const { context, itemIndex, options } = call;
  const owner = readOwner(context, 'model', itemIndex);
  const target = readTarget(context, itemIndex);
  const source = readSource(context, itemIndex);
  const subtitles = readChoiceOption(options.own, SUBTITLES) ?? 'none';
  const chosen = await chooseFormat(call, TRANSCRIPTION_FORMATS, 'whisperInput');
  return { owner, target, ...chosen, source, subtitles, wantsTimes: subtitles !== 'none' };
}

function readingOf(
  { context, itemIndex }: ItemCall,
  { format, subtitles }: Question,
  recordingName?: string,
): TranscriptReading {
  return {
    kind: 'transcript',
    format: format.value,
    subtitles,
    recordingName,
    withRaw: context.getNodeParameter('simplify', itemIndex, true) === false,
  };
}

function notAsJson({ name }: TranscriptionFormat): UserInputError {
  return new UserInputError(
    `Run Async can’t send a recording in the format ${name}`,
    'Async requests are JSON, and this format is a form with a file. Turn Run Async off, or choose another Request Format if the model takes one.',
  );
}

/** What is asked, and of which deployment. */
interface Question extends FormatCall, ChosenFormat<TranscriptionFormat> {
  format: TranscriptionFormat;
  source: RecordingSource;
  subtitles: TranscriptReading['subtitles'];
  wantsTimes: boolean;
}

/** An answer, and the file name of the recording that it is about. */
interface NamedAnswer {
  answer: Answer;
  name?: string;
}

async function askWithJson(call: ItemCall, question: Question): Promise<NamedAnswer> {
  const { request, name } = await readRequest(call, question);
  return { answer: await askModel(call, question, jsonBody(request)), name };
}

async function askWithForm(call: ItemCall, question: Question): Promise<NamedAnswer> {
  const file = await readRecordingFile(call, question.source);
  const ask = { ...(await readAsk(call, question)), recording: { url: '' } };
  const fields = withExtra(question.format.request(ask), readExtraInput(call.options.own));
  // A form has a list as many fields of one name, which ends so: `timestamp_granularities[]`.
  const named = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) && name.endsWith('[]') ? (value as unknown[]) : [value]).map((each) => ({
      name,
      value: each,
    })),
  );
  const body = await multipartBody(named, [{ path: 'file', file }]);
  return { answer: await askModel(call, question, body), name: file.fileName };
}

/** Reads the recording and what is asked about it, as the fields of a request that is JSON. */
async function readRequest(
  call: ItemCall,
  question: Question,
): Promise<{ request: Record<string, unknown>; name?: string }> {
  const { recording, name } = await readRecording(call, question.source);
  const { format } = question;
  const request = format.request({ ...(await readAsk(call, question)), recording });
  return { request: withExtra(request, readExtraInput(call.options.own), format.root), name };
}

async function readAsk(
  { connection, options: { own }, send }: ItemCall,
  { owner, target, format, example, wantsTimes }: Question,
): Promise<Omit<TranscriptionAsk, 'recording'>> {
  const fromExample = typeof example?.model === 'string' ? example.model : undefined;
  const given = readTextOption(own, 'modelName') ?? (fromExample || undefined);
  const isNamed = format.route !== undefined;
  return {
    language: readTextOption(own, 'language'),
    prompt: readTextOption(own, 'prompt'),
    model: isNamed
      ? (given ?? (await servedModelOf({ connection, owner, target, send })))
      : undefined,
    wantsTimes,
    example,
  };
}
