import { toFileNames } from '../../../shared/chat/request';
import type { AudioFormat, ContentPart } from '../../../shared/chat/types';
import { UserInputError } from '../../../shared/errors/userInputError';
import { decodeFile } from '../../../shared/payload/base64';
import { typeOfBytes } from '../../../shared/payload/fileSignatures';
import { endingOf } from '../../../shared/payload/mediaType';
import type { InputFile } from '../../../shared/payload/requestBody';
import { download } from '../media/download';
import type { ItemCall } from '../operation';
import { readFile, readUpload } from '../parameters/input';

/** What can go along with a message. */
type Kind = 'image' | 'audio' | 'video';

/** The fields of a message that name files. An expression in one may give anything. */
export interface AttachmentFields {
  imageBinaryProperties?: unknown;
  audioBinaryProperties?: unknown;
  videoBinaryProperties?: unknown;
}

/** Most characters of all files of a request, as base64: Baseten takes requests of up to 100 MB. */
const MOST_CHARACTERS = 100_000_000;
/** Most bytes of one file: base64 makes four characters of three. */
const MOST_BYTES = (MOST_CHARACTERS / 4) * 3;
const AUDIO_FORMATS: readonly string[] = ['mp3', 'wav'] satisfies AudioFormat[];
const WITH_ARTICLE: Record<Kind, string> = {
  image: 'an image',
  audio: 'audio',
  video: 'a video',
};

/** Reads the files of one item's messages. All of them together must fit into a request. */
export class Attachments {
  private characters = 0;

  /** @param isDeployment whether a server of one's own gets them: Model APIs take no videos */
  constructor(
    private readonly call: ItemCall,
    private readonly isDeployment: boolean,
  ) {}

  /**
   * Reads the files that a message names: images, then audio, then videos.
   * @throws {UserInputError} if one is missing, of another kind, or too large, or if a link to
   * audio can't be downloaded
   * @see https://docs.baseten.co/inference/model-apis/overview
   */
  async of(message: AttachmentFields): Promise<ContentPart[]> {
    const images = this.names(message.imageBinaryProperties);
    const recordings = this.names(message.audioBinaryProperties);
    const videos = this.names(message.videoBinaryProperties);
    if (videos.length > 0 && !this.isDeployment) {
      throw new UserInputError(
        'Model APIs take no videos',
        'Set Source to a deployment of your own whose model takes videos, or send single pictures of the video as images.',
      );
    }
    const parts: ContentPart[] = [];
    for (const name of images)
      parts.push({ type: 'image_url', image_url: { url: await this.urlOf('image', name) } });
    for (const name of recordings)
      parts.push({ type: 'input_audio', input_audio: await this.audioOf(name) });
    for (const name of videos)
      parts.push({ type: 'video_url', video_url: { url: await this.urlOf('video', name) } });
    return parts;
  }

  private names(value: unknown): string[] {
    const { context, itemIndex } = this.call;
    return toFileNames(value, Object.keys(context.getInputData()[itemIndex]?.binary ?? {}));
  }

  /** @returns an address as it is, or the file in a binary field as a data URL */
  private async urlOf(kind: Kind, name: string): Promise<string> {
    if (isLink(name)) return name;
    if (isDataUrl(name)) {
      this.take(name.length);
      return name;
    }
    const { content, mimeType } = await this.stored(name);
    if (!mimeType.startsWith(`${kind}/`)) throw wrongKind(kind, name, mimeType);
    return `data:${mimeType};base64,${content.toString('base64')}`;
  }

  /** The API takes the bytes of audio only, so that a link is downloaded. */
  private async audioOf(name: string): Promise<{ data: string; format: AudioFormat }> {
    const { content, mimeType } = await this.audioFile(name);
    const type = typeOfBytes(content) ?? mimeType;
    const format = AUDIO_FORMATS.find((known) => known === endingOf(type));
    if (format !== undefined)
      return { data: content.toString('base64'), format: format as AudioFormat };
    if (!/^(audio|video)\//.test(type)) throw wrongKind('audio', shown(name), type);
    throw new UserInputError(
      `The audio in "${shown(name)}" is ${type}, which chat does not take`,
      'Give WAV or MP3. Convert other recordings first, or turn them into text with Audio → Transcribe.',
    );
  }

  private async audioFile(name: string): Promise<InputFile> {
    if (isLink(name)) {
      const file = await download(this.call, {
        url: name,
        what: 'audio',
        why: 'Chat takes the bytes of audio, not a link',
        limit: MOST_BYTES,
        tooLarge,
      });
      this.take(base64Length(file.content.length));
      return file;
    }
    if (!isDataUrl(name)) return await this.stored(name);
    this.take(name.length);
    const file = decodeFile(name);
    if (file) return { content: file.content, mimeType: file.type ?? '' };
    throw new UserInputError(
      'A data URL in Audio can’t be read',
      'It must look like data:audio/wav;base64,… with the whole file behind the comma.',
    );
  }

  /** Reads a file of the item, if it still fits. */
  private async stored(name: string): Promise<InputFile> {
    const { context, itemIndex } = this.call;
    const { content } = await readUpload(context, itemIndex, name);
    this.take(base64Length(content.length));
    return await readFile(context, itemIndex, name);
  }

  private take(characters: number): void {
    this.characters += characters;
    if (this.characters > MOST_CHARACTERS) throw tooLarge();
  }
}

function tooLarge(): UserInputError {
  return new UserInputError(
    'The files of the messages are too large to be sent',
    `Baseten takes requests of up to 100 MB. Base64 makes a file larger by a third, so all files of an item together may have ${MOST_BYTES / 1_000_000} MB. ` +
      'Send links to images and videos instead of the files, or smaller files.',
  );
}

function wrongKind(kind: Kind, name: string, type: string): UserInputError {
  return new UserInputError(
    `The binary data in "${name}" is not ${WITH_ARTICLE[kind]}: its type is ${type || 'unknown'}`,
    `Name a field that contains ${WITH_ARTICLE[kind]}. ` +
      'If the type is wrong, set it in the node that made the file.',
  );
}

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function isLink(name: string): boolean {
  return /^https?:/i.test(name);
}

function isDataUrl(name: string): boolean {
  return /^data:/i.test(name);
}

/** A data URL is longer than a message should be. */
function shown(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
