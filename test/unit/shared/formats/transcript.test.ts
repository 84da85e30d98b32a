import {
  readSpokenChat,
  readTranscript,
  type Transcript,
} from '../../../../nodes/shared/formats/transcript';

const segment = { start: 0, end: 1.5, text: 'Hello there.' };

test.each<[string, unknown, Transcript]>([
  [
    'Whisper of the library',
    {
      language_code: 'en',
      segments: [{ text: ' Hello there.', start_time: 0, end_time: 1.5, log_prob: -0.8 }],
    },
    { text: 'Hello there.', language: 'en', segments: [segment] },
  ],
  [
    'faster-whisper',
    { language: 'en', duration: 2, segments: [segment, { start: 1.5, end: 2, text: 'Bye.' }] },
    {
      text: 'Hello there. Bye.',
      language: 'en',
      duration: 2,
      segments: [segment, { start: 1.5, end: 2, text: 'Bye.' }],
    },
  ],
  [
    'Whisper with the name of the language',
    { language: 'english', text: ' Hello there.', segments: [segment] },
    { text: 'Hello there.', language: 'en', segments: [segment] },
  ],
  [
    'Parakeet without times',
    { transcript: 'Hello there.' },
    { text: 'Hello there.', segments: [] },
  ],
  [
    'Parakeet with times',
    {
      transcript: [
        {
          text: 'Hello there.',
          timestep: { segment: [{ start_offset: 0, start: 0, end: 1.5, segment: 'Hello there.' }] },
        },
      ],
    },
    { text: 'Hello there.', segments: [segment] },
  ],
  [
    'WhisperX with speakers',
    { model_output: [{ ...segment, speaker: 'SPEAKER_01' }] },
    { text: 'Hello there.', segments: [{ ...segment, speaker: 'SPEAKER_01' }] },
  ],
  [
    'OpenAI’s verbose JSON',
    {
      task: 'transcribe',
      language: 'german',
      duration: '1.5',
      text: 'Hello there.',
      segments: [{ id: 0, seek: 0, ...segment, tokens: [1, 2] }],
    },
    { text: 'Hello there.', language: 'de', duration: 1.5, segments: [segment] },
  ],
  [
    'pieces with pairs of times',
    {
      text: 'Hello there.',
      chunks: [
        { timestamp: [0, 1.5], text: ' Hello there.' },
        { timestamp: [1.5, null], text: 'Bye' },
      ],
    },
    {
      text: 'Hello there.',
      segments: [segment, { start: 1.5, end: 1.5, text: 'Bye' }],
    },
  ],
  ['a list of segments', [segment], { text: 'Hello there.', segments: [segment] }],
  ['a text', ' Hello there. ', { text: 'Hello there.', segments: [] }],
  ['silence', { language: 'en', segments: [] }, { text: '', language: 'en', segments: [] }],
  [
    'segments without times',
    { segments: [{ text: 'Hello' }, { text: 'there.', start: 'soon', end: 2 }] },
    { text: 'Hello there.', segments: [] },
  ],
  [
    'an answer in an answer',
    { output: { text: 'Hello there.', segments: [segment] }, language: 'fr' },
    { text: 'Hello there.', language: 'fr', segments: [segment] },
  ],
  [
    'a list beside the text that is empty',
    { text: 'Hello there.', segments: [segment], result: [] },
    { text: 'Hello there.', segments: [segment] },
  ],
  [
    'an object beside the text that is something else',
    { text: 'Hello there.', output: { took: 1 } },
    { text: 'Hello there.', segments: [] },
  ],
  [
    'silence in an answer',
    { output: [], language: 'fr' },
    { text: '', language: 'fr', segments: [] },
  ],
])('the answer of %s is read', (_, answer, transcript) => {
  expect(readTranscript(answer)).toEqual(transcript);
});

test.each([[{ label: 'positive' }], [5], [null], [[{ label: 'positive' }]], [{}]])(
  '%j is no transcript',
  (answer) => {
    expect(readTranscript(answer)).toBeUndefined();
  },
);

const chat = (content: unknown) => ({ choices: [{ message: { role: 'assistant', content } }] });

test.each<[unknown, Transcript | undefined]>([
  [
    chat('language English<asr_text>Hello there.'),
    { text: 'Hello there.', language: 'en', segments: [] },
  ],
  [chat('language None<asr_text>'), { text: '', segments: [] }],
  [chat('Hello there.'), { text: 'Hello there.', segments: [] }],
  [chat('see <asr_text>Hello there.'), { text: 'Hello there.', segments: [] }],
  [chat(null), undefined],
  [{ choices: [] }, undefined],
  [{ text: 'Hello' }, undefined],
])('the chat answer %j is read', (answer, transcript) => {
  expect(readSpokenChat(answer)).toEqual(transcript);
});
