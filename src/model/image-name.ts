import type { Project } from './project.ts';

/** The image of a service: what it says, or the name of what it builds. */
export function imageName(project: Pick<Project, 'name' | 'services' | 'separator'>, service: string): string {
  return project.services[service]?.image ?? project.name + (project.separator ?? '-') + service;
}
