import { RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { Access, type AccessRule } from '../authentication/access.js';
import { Describe, type RouteDescription } from './describe.js';

/** A route with all that its decorators say. */
export interface DescribedRoute extends RouteDescription {
  /** Lower-case. */
  method: string;
  /** As OpenAPI writes it: `/admin/v1/tenants/{tenantId}`. */
  path: string;
  /** What the routes of one controller have in common: the last word of its path. */
  tag: string;
  access: AccessRule;
  status: number;
}

type Handler = (...parts: unknown[]) => unknown;

/** The described routes of controllers, in their order. Throws Error for a described route without @Access. */
export function describedRoutes(controllers: readonly Type[]): DescribedRoute[] {
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Readonly<Record<string, Handler>>;
    const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
    return names.flatMap((name) => describedRoute(controller, prototype[name]) ?? []);
  });
}

function describedRoute(controller: Type, handler: Handler | undefined): DescribedRoute | undefined {
  if (handler === undefined) return undefined;
  const reflector = new Reflector();
  const description = reflector.get(Describe, handler);
  if (description === undefined) return undefined;
  const access = reflector.getAllAndOverride<AccessRule | undefined>(Access, [handler, controller]);
  if (access === undefined) throw new Error(`No @Access on the route of ${description.operationId}.`);
  const base = reflector.get<string>(PATH_METADATA, controller);
  const path = joinPath(base, reflector.get<string>(PATH_METADATA, handler));
  const method = RequestMethod[reflector.get<RequestMethod>(METHOD_METADATA, handler)]?.toLowerCase() ?? 'get';
  const status = reflector.get<number | undefined>(HTTP_CODE_METADATA, handler) ?? (method === 'post' ? 201 : 200);
  return { method, path, tag: lastWord(joinPath(base)) ?? 'process', access, status, ...description };
}

/** `admin/v1/tenants` and `:tenantId` become `/admin/v1/tenants/{tenantId}`; the rest of a path, `*`, becomes `{id}`. */
function joinPath(...parts: readonly string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter((segment) => segment !== '');
  return `/${segments.map((segment) => (segment === '*' ? '{id}' : segment.replace(/^:(\w+)$/, '{$1}'))).join('/')}`;
}

function lastWord(path: string): string | undefined {
  return path
    .split('/')
    .filter((segment) => /^\w/.test(segment))
    .at(-1);
}
