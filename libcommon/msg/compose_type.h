/* Media types by the endings of file names.
 *
 * SPDX-License-Identifier: MIT */
#ifndef MSG_COMPOSE_TYPE_H
#define MSG_COMPOSE_TYPE_H

/* The media type of a file's name by its ending; "application/octet-stream"
 * when it is not known. */
const char *compose_type_of(const char *name);

#endif
