/* Every function of other libraries that libcommon calls, as a jump through a
 * slot (see tools/lazy/lazy.c). x86-64.
 *
 * SPDX-License-Identifier: MIT */
#ifdef __CET__
#	include <cet.h>
#endif

#define LAZY_LIBRARY(number, soname) library soname
#define LAZY_FUNCTION(number, library, name) function number, name

/* What builders of packages read: uapi-group.org, "ELF dlopen metadata". */
.macro library soname
	.section .note.dlopen, "a", @note
	.balign	4
	.long	4, 2f - 1f, 0x407c0c0a
	.asciz	"FDO"
1:	.ascii	"[{\"soname\":[\""
	.ascii	"\soname"
	.asciz	"\"],\"priority\":\"required\"}]"
2:	.balign	4
.endm

/* r11 holds nobody's value at a call: it carries the number. */
.macro function number, name
	.section .data.rel.ro, "aw"
	.quad	lazy_enter
	.text
	.balign	16
	.globl	\name
	.hidden	\name
	.type	\name, @function
\name:
	endbr64
	movl	$\number, %r11d
	jmp	*lazy_slots+8*\number(%rip)
	.size	\name, . - \name
.endm

	/* Pages of their own */
	.section .data.rel.ro, "aw"
	.balign	4096
	.globl	lazy_slots
	.hidden	lazy_slots
lazy_slots:

#include "tools/lazylist.h"

	.section .data.rel.ro, "aw"
	.balign	4096
	.globl	lazy_slots_end
	.hidden	lazy_slots_end
lazy_slots_end:

/* Keeps whatever may hold an argument while lazy_resolve(number) runs. */
	.text
	.balign	16
	.type	lazy_enter, @function
lazy_enter:
	endbr64
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	subq	$192, %rsp
	movq	%rdi, 0(%rsp)
	movq	%rsi, 8(%rsp)
	movq	%rdx, 16(%rsp)
	movq	%rcx, 24(%rsp)
	movq	%r8, 32(%rsp)
	movq	%r9, 40(%rsp)
	movq	%rax, 48(%rsp)
	movaps	%xmm0, 64(%rsp)
	movaps	%xmm1, 80(%rsp)
	movaps	%xmm2, 96(%rsp)
	movaps	%xmm3, 112(%rsp)
	movaps	%xmm4, 128(%rsp)
	movaps	%xmm5, 144(%rsp)
	movaps	%xmm6, 160(%rsp)
	movaps	%xmm7, 176(%rsp)
	movl	%r11d, %edi
	call	lazy_resolve
	movq	%rax, %r11
	movq	0(%rsp), %rdi
	movq	8(%rsp), %rsi
	movq	16(%rsp), %rdx
	movq	24(%rsp), %rcx
	movq	32(%rsp), %r8
	movq	40(%rsp), %r9
	movq	48(%rsp), %rax
	movaps	64(%rsp), %xmm0
	movaps	80(%rsp), %xmm1
	movaps	96(%rsp), %xmm2
	movaps	112(%rsp), %xmm3
	movaps	128(%rsp), %xmm4
	movaps	144(%rsp), %xmm5
	movaps	160(%rsp), %xmm6
	movaps	176(%rsp), %xmm7
	leave
	jmp	*%r11
	.size	lazy_enter, . - lazy_enter

	.section .note.GNU-stack, "", @progbits
