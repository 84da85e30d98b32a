// Decisions: docs/decisions.md, "Files go into n8n's store while they arrive".

import type { IExecuteFunctions } from 'n8n-workflow';

import { UserInputError } from '../errors/userInputError';
import type { BodySource } from '../http/client';

type PreparedFrom = Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0];
type Listener = (value?: unknown) => void;

/** A request body that reads a file from n8n's binary store while it is sent. */
export interface StoredFile extends BodySource {
  /** Size in bytes. */
  length: number;
  /** Closes every stream that was opened and not read to its end. */
  close(): void;
}

/**
 * Makes a request body of a file in n8n's binary store. The file is not held in memory.
 * @param helpers n8n's helpers that read its store
 * @param id ID of the binary data in the store
 * @param name the binary property, for messages
 * @throws n8n's own error if the store does not have the file any more
 */
export async function storedFile(
  helpers: Pick<IExecuteFunctions['helpers'], 'getBinaryMetadata' | 'getBinaryStream'>,
  id: string,
  name: string,
): Promise<StoredFile> {
  const { fileSize } = await helpers.getBinaryMetadata(id);
  const opened: StoredStream[] = [];
  return {
    length: fileSize,
    async open() {
      const stream = await helpers.getBinaryStream(id);
      opened.push(stream);
      expectLength(stream, fileSize, name);
      return stream;
    },
    // An attempt that failed early leaves its file open, and nobody else would close it.
    close: () => opened.forEach((stream) => stream.destroy()),
  };
}

type StoredStream = Awaited<ReturnType<IExecuteFunctions['helpers']['getBinaryStream']>>;

/**
 * Makes a stream fail if it does not have so many bytes. The head of the request has promised them:
 * the other side would wait for what is missing, and not read what is too much.
 */
function expectLength(stream: StoredStream, length: number, name: string): void {
  let read = 0;
  const push = stream.push.bind(stream);
  stream.push = (chunk: Uint8Array | null, encoding?: BufferEncoding) => {
    read += chunk?.length ?? 0;
    if (chunk === null ? read === length : read <= length) return push(chunk, encoding);
    stream.destroy(changedFile(name, chunk === null ? read : undefined, length));
    return false;
  };
}

function changedFile(name: string, read: number | undefined, length: number): UserInputError {
  return new UserInputError(
    `The file in "${name}" was changed in n8n's store`,
    `It has ${read ?? 'more'} bytes there and should have ${length}. ` +
      'Run the node again that reads or downloads the file.',
  );
}

/**
 * Makes a body readable in both ways in which n8n's binary stores read: the store on disk iterates,
 * the others listen for the events of a Node stream.
 * @param body the chunks to store; they are read once
 * @returns what n8n's `prepareBinaryData` takes
 */
export function storable(body: AsyncIterable<Uint8Array>): PreparedFrom {
  const chunks = body[Symbol.asyncIterator]();
  const listeners = new Map<string, Set<Listener>>();
  const emit = (event: string, value?: unknown) =>
    listeners.get(event)?.forEach((listener) => listener(value));
  let isFlowing = false;
  async function flow(): Promise<void> {
    try {
      for (let next = await chunks.next(); !next.done; next = await chunks.next())
        emit('data', next.value);
      emit('end');
    } catch (error) {
      emit('error', error);
    }
    emit('close');
  }
  const on = (event: string, listener: Listener) => {
    listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    if (event === 'data' && !isFlowing) {
      isFlowing = true;
      void flow();
    }
    return stream;
  };
  const stream = {
    [Symbol.asyncIterator]: () => chunks,
    on,
    // The stores use `once` only for events that happen once.
    once: on,
    off(event: string, listener: Listener) {
      listeners.get(event)?.delete(listener);
      return stream;
    },
    destroy() {
      void chunks.return?.();
      return stream;
    },
  };
  return stream as unknown as PreparedFrom;
}
