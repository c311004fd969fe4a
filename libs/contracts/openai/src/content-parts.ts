import { wrongType } from './parameter-error.js';
import {
  accept,
  emptyArray,
  invalidValue,
  isObject,
  readItems,
  readObject,
  readString,
  refuse,
  type JsonObject,
  type Read,
} from './read-value.js';

/** Reads a content that is a text or a list of parts: the text parts, joined by line breaks. */
export function readContent(content: unknown, path: string, role: string): Read<string> {
  if (typeof content === 'string') return accept(content);
  if (!Array.isArray(content)) return refuse(wrongType(path, 'a string or an array of content parts', content));
  if (content.length === 0) return emptyArray(path);
  const texts = readItems(content, path, (part, partPath) => readPart(part, partPath, role));
  return texts.ok ? accept(texts.value.join('\n')) : texts;
}

function readPart(part: unknown, path: string, role: string): Read<string> {
  if (!isObject(part)) return refuse(wrongType(path, 'an object', part));
  const type = readString(part, `${path}.type`);
  if (!type.ok) return type;
  switch (type.value) {
    case 'text':
      return readString(part, `${path}.text`);
    case 'refusal':
      if (role === 'assistant') return readString(part, `${path}.refusal`);
      return invalidValue(`${path}.type`, "parts of the type 'refusal' belong to messages of the role 'assistant'.");
    case 'image_url':
    case 'input_audio':
    case 'file': {
      const checked = checkMedia(part, type.value, path);
      return checked.ok ? textOnly(type.value, path) : checked;
    }
    default:
      return invalidValue(`${path}.type`, 'expected one of text, refusal, image_url, input_audio, file.');
  }
}

/** What is no text has to be well-formed all the same, so that the first complaint is the one that helps. */
function checkMedia(part: JsonObject, type: 'image_url' | 'input_audio' | 'file', path: string): Read<unknown> {
  const media = readObject(part, `${path}.${type}`);
  if (!media.ok) return media;
  switch (type) {
    case 'image_url':
      return readString(media.value, `${path}.image_url.url`);
    case 'input_audio':
      return checkAudio(media.value, `${path}.input_audio`);
    case 'file':
      if (['file_id', 'file_data'].some((name) => typeof media.value[name] === 'string')) return accept(media.value);
      return invalidValue(`${path}.file`, "expected a 'file_id' or 'file_data'.");
  }
}

function checkAudio(audio: JsonObject, path: string): Read<unknown> {
  const data = readString(audio, `${path}.data`);
  if (!data.ok) return data;
  const format = readString(audio, `${path}.format`);
  if (!format.ok || format.value === 'wav' || format.value === 'mp3') return format;
  return invalidValue(`${path}.format`, 'expected one of wav, mp3.');
}

function textOnly(type: string, path: string): Read<string> {
  const param = `${path}.type`;
  const message = `Unsupported content at '${param}': it is of the type '${type}', and the model takes text only.`;
  return refuse({ message, param, code: 'unsupported_content' });
}
