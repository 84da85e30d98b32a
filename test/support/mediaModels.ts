import { MODEL_IDS } from '../../emulator';

/** What the simulated speech-to-text models have heard in a recording. */
export const transcriptOf = (what: string) =>
  `This is a simulated transcript. It was made of ${what}. Nobody spoke.`;

/** Each format of recordings, with a model that takes this one alone. */
export const TRANSCRIBERS: Array<
  [format: string, modelId: string, facts: { hasTimes: boolean; takesLinks: boolean }]
> = [
  ['whisperInput', MODEL_IDS.libraryWhisper, { hasTimes: true, takesLinks: true }],
  ['urlOrAudio', MODEL_IDS.fasterWhisper, { hasTimes: true, takesLinks: true }],
  ['audioUrl', MODEL_IDS.parakeet, { hasTimes: true, takesLinks: true }],
  ['audioFile', MODEL_IDS.whisperX, { hasTimes: true, takesLinks: true }],
  ['openAi', MODEL_IDS.openAiTranscriber, { hasTimes: true, takesLinks: false }],
  ['chatAudioUrl', MODEL_IDS.chatTranscriber, { hasTimes: false, takesLinks: true }],
];

/** Each format of speech, with a model that takes this one alone. */
export const SPEAKERS: Array<[format: string, modelId: string]> = [
  ['textVoice', MODEL_IDS.kokoro],
  ['textSpeaker', MODEL_IDS.xtts],
  ['promptVoice', MODEL_IDS.orpheus],
];

/** Each format of images, with a model for it, and what the answer says beside each image. */
export const PAINTERS: Array<[format: string, modelId: string, rests: object[]]> = [
  ['flux', MODEL_IDS.flux, [{ seed: null }]],
  ['sdxl', MODEL_IDS.sdxl, Array<object>(2).fill({ status: 'success', time: 1.5 })],
  ['comfyUi', MODEL_IDS.comfyUi, [{ node_id: '9', image: 'ComfyUI_00001_.png' }]],
  ['prompt', MODEL_IDS.image, [{}]],
];
