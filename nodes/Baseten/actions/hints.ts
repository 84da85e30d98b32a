import type { IExecuteFunctions, INodeExecutionData, NodeExecutionHint } from 'n8n-workflow';

import { unprotectedUrls } from '../../shared/connection/connection';
import type { Endpoints } from '../../shared/connection/endpoints';
import type { RunFlow } from '../../shared/http/flow/runFlow';
import type { ReadingNotes } from '../../shared/payload/notes';

/**
 * Adds hints to a run's output about what a person may overlook: results that are lost, values that
 * had to be changed, files that the output does not have, and a key that is sent unencrypted.
 * @param items what the run returns
 * @param run the base URLs that it used, what had to be changed in its responses, and how often
 * Baseten refused its requests
 */
export function addHints(
  context: IExecuteFunctions,
  items: INodeExecutionData[],
  { endpoints, notes, flow }: { endpoints: Endpoints; notes: ReadingNotes; flow: RunFlow },
): void {
  // Older versions of n8n have no hints.
  const show = (hint: NodeExecutionHint) => context.addExecutionHints?.(hint);
  const lost = items.filter(({ json }) => json.resultLost === true).length;
  if (lost > 0) {
    show({
      message: `The output of ${lost} of ${items.length} requests was not delivered and can't be fetched any more, because Baseten does not store outputs. Submit ${lost === 1 ? 'it' : 'them'} again if you need it.`,
      type: 'warning',
      location: 'outputPane',
    });
  }
  if (flow.slowdown) show({ message: slowdownText(flow.slowdown), location: 'outputPane' });
  for (const message of notesOf(notes)) show({ message, location: 'outputPane' });
  const unprotected = unprotectedUrls(endpoints);
  if (unprotected.length > 0) {
    show({
      message: `The credential’s ${unprotected.join(' and ')} ${unprotected.length === 1 ? 'starts' : 'start'} with http://, so the API key and all data go over the network unencrypted. Use https://.`,
      type: 'warning',
      location: 'outputPane',
    });
  }
  const hasFiles = ({ binary }: INodeExecutionData) => Object.keys(binary ?? {}).length > 0;
  if (context.getInputData().some(hasFiles) && !items.some(hasFiles)) {
    show({
      message:
        'The files of the input are not part of the output. To go on with them, turn on Include Other Input Fields.',
      location: 'outputPane',
    });
  }
}

function slowdownText({ refusals, perMinute }: NonNullable<RunFlow['slowdown']>): string {
  const what = refusals === 1 ? 'a request once' : `requests ${refusals} times`;
  const sentAgain = refusals === 1 ? 'it was sent again' : 'they were sent again';
  return (
    `Baseten refused ${what} because of a limit, and ${sentAgain}. ` +
    `From then on ${perMinute} requests a minute were answered. If you see this every day, ` +
    'give the deployment more replicas or ask Baseten for a higher limit, ' +
    'or set Requests per Minute or Max Concurrency so that nothing is refused.'
  );
}

function notesOf(notes: ReadingNotes): string[] {
  const { bigNumbers, notFinite, notFiles, withoutTimes, cutTranscripts } = notes;
  const responses = (count: number) => (count === 1 ? '1 response' : `${count} responses`);
  const holds = (count: number) => (count === 1 ? 'holds' : 'hold');
  return [
    ...(bigNumbers > 0
      ? [
          `${responses(bigNumbers)} ${holds(bigNumbers)} numbers that n8n can’t keep exactly. They are text in the output, with all their digits.`,
        ]
      : []),
    ...(notFinite > 0
      ? [
          `${responses(notFinite)} ${holds(notFinite)} NaN or Infinity, which JSON does not have. They are null in the output.`,
        ]
      : []),
    ...(withoutTimes > 0
      ? [
          `The model gave no times for ${withoutTimes === 1 ? '1 recording' : `${withoutTimes} recordings`}, so there are no subtitles. Another Request Format, or a field in Extra Input, may ask for times.`,
        ]
      : []),
    ...(cutTranscripts > 0
      ? [
          `The text of ${cutTranscripts === 1 ? '1 recording' : `${cutTranscripts} recordings`} is not whole, because the model reached its limit of tokens. Raise max_tokens in Extra Input, or send shorter recordings.`,
        ]
      : []),
    ...(notFiles.size > 0
      ? [
          `Base64 Fields names ${[...notFiles].map((path) => `"${path}"`).join(', ')}, but what is there is not base64 text. It stays in the JSON: compare the paths with the output.`,
        ]
      : []),
  ];
}
