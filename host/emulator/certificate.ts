import { generate } from 'selfsigned';
import type { TlsIdentity } from '../../emulator';

/** A new key with a certificate for loopback that has to be trusted by itself. */
export async function selfSigned(): Promise<TlsIdentity> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key, cert };
}
