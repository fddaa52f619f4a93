# SPDX-License-Identifier: MIT

# MTK_C11: demand C11 (Autoconf 2.71 picks the newest standard by itself).
AC_DEFUN([MTK_C11], [
  AS_CASE([$ac_prog_cc_stdc], [c11], [],
    [AC_MSG_ERROR([a C11 compiler is needed])])
])

# MTK_TRY_FLAG(VARIABLE, FLAG): append FLAG when compiler and linker take it.
AC_DEFUN([MTK_TRY_FLAG], [
  AS_VAR_PUSHDEF([have], [mtk_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC accepts $2], [have], [
    mtk_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
      [AS_VAR_SET([have], [yes])], [AS_VAR_SET([have], [no])])
    CFLAGS=$mtk_save_CFLAGS
  ])
  AS_VAR_IF([have], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([have])
])

AC_DEFUN([MTK_WARNINGS], [
  WARN_CFLAGS=
  m4_foreach_w([flag], [-Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wformat=2 -Wformat-signedness -Wvla
    -Wnull-dereference -Wimplicit-fallthrough -Wundef -Wpointer-arith
    -Wcast-qual -Wcast-align -Wwrite-strings -Wredundant-decls
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wdouble-promotion
    -Walloca -Wdate-time],
    [MTK_TRY_FLAG([WARN_CFLAGS], m4_defn([flag]))])
  AS_VAR_IF([enable_werror], [yes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])

# FORTIFY needs the optimiser, and the sanitizers want neither.
AC_DEFUN([MTK_HARDENING], [
  HARD_CFLAGS=
  HARD_LDFLAGS=
  m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection
    -fcf-protection -ftrivial-auto-var-init=zero -fno-strict-overflow
    -fno-delete-null-pointer-checks],
    [MTK_TRY_FLAG([HARD_CFLAGS], m4_defn([flag]))])
  MTK_TRY_FLAG([HARD_CFLAGS], [-fPIE])
  AS_VAR_IF([enable_sanitize], [yes], [], [
    AS_CASE(["$CFLAGS"], [*-O0*], [],
      [HARD_CFLAGS="$HARD_CFLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"])
  ])
  m4_foreach_w([flag], [-pie -Wl,-zrelro -Wl,-znow -Wl,-znoexecstack
    -Wl,--as-needed], [MTK_TRY_FLAG([HARD_LDFLAGS], m4_defn([flag]))])
  AC_SUBST([HARD_CFLAGS])
  AS_CASE(["$HARD_CFLAGS"], [*-fcf-protection*], [CET_CFLAGS=-fcf-protection])
  AC_SUBST([CET_CFLAGS])
  AC_SUBST([HARD_LDFLAGS])
])

AC_DEFUN([MTK_INSTRUMENT], [
  INST_CFLAGS=
  AS_VAR_IF([enable_sanitize], [yes], [
    INST_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all"
    INST_CFLAGS="$INST_CFLAGS -fno-omit-frame-pointer"
  ])
  AS_VAR_IF([enable_fuzz], [yes], [
    INST_CFLAGS="$INST_CFLAGS -fsanitize=fuzzer-no-link"
    FUZZ_LDFLAGS="-fsanitize=fuzzer"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [], [])
    AS_CASE([`$CC --version 2>/dev/null`], [*clang*], [],
      [AC_MSG_ERROR([--enable-fuzz needs clang: run configure with CC=clang])])
  ])
  AS_VAR_IF([enable_coverage], [yes], [INST_CFLAGS="$INST_CFLAGS --coverage"])
  AC_SUBST([INST_CFLAGS])
  AC_SUBST([FUZZ_LDFLAGS])
])

# MTK_OPTIONAL(NAME, MODULE, FEATURE, PACKAGE): probe a library; without it
# FEATURE says at run time that the build lacks it.
AC_DEFUN([MTK_OPTIONAL], [
  AC_ARG_WITH([$2], [AS_HELP_STRING([--without-$2], [build without $3])],
    [], [AS_TR_SH([with_$2])=check])
  AS_VAR_IF(AS_TR_SH([with_$2]), [no], [have_$1=no], [
    PKG_CHECK_MODULES([$1], [$2], [have_$1=yes], [have_$1=no
      AC_MSG_NOTICE([$2 not found ($4): no $3])])
  ])
  AS_VAR_IF([have_$1], [yes],
    [mtk_optional="$mtk_optional, $2 `$PKG_CONFIG --modversion $2`"],
    [mtk_optional="$mtk_optional, without $2"])
  AS_VAR_IF([have_$1], [yes],
    [AC_DEFINE([HAVE_$1], [1], [Define when $2 is there: $3.])])
  AM_CONDITIONAL([HAVE_$1], [test "$have_$1" = yes])
])

# MTK_LIBRARIES(MODULE...): what --version says of libraries, these and those
# MTK_OPTIONAL has probed.
AC_DEFUN([MTK_LIBRARIES], [
  mtk_required=
  for mtk_module in $1; do
    mtk_required="$mtk_required, $mtk_module `$PKG_CONFIG --modversion dnl
$mtk_module`"
  done
  mtk_required=`echo "$mtk_required" | sed 's/^, //'`
  mtk_optional=`echo "$mtk_optional" | sed 's/^, //'`
  AC_DEFINE_UNQUOTED([LIBRARIES], ["$mtk_required\\n$mtk_optional"],
    [Libraries of this build and their versions.])
])

# MTK_LAZY(NAMES): which libraries (of NAME_LIBS) are loaded at their first call
# (tools/lazy/lazy.c). Those whose file is not found are linked.
AC_DEFUN([MTK_LAZY], [
  AC_CHECK_TOOLS([NM], [nm llvm-nm])
  AC_CHECK_TOOLS([OBJDUMP], [objdump llvm-objdump])
  AC_CACHE_CHECK([whether libraries can be loaded at their first call],
    [mtk_cv_lazy], [
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#if !defined(__x86_64__) || !defined(__LP64__) || !defined(__linux__)
# error
#endif
]], [])], [mtk_cv_lazy=yes], [mtk_cv_lazy=no])
    AS_IF([test -z "$NM" || test -z "$OBJDUMP"], [mtk_cv_lazy=no])
  ])
  LAZY_FILES=
  for mtk_lib in m4_foreach_w([name], [$1], [$m4_defn([name])_LIBS ]); do
    AS_CASE([$mtk_lib], [-l*], [], [continue])
    mtk_name=`AS_ECHO(["$mtk_lib"]) | sed 's/^-l//'`
    mtk_file=`$CC $LDFLAGS -print-file-name="lib$mtk_name.so"`
    AS_CASE([$mtk_file], [/*], [LAZY_FILES="$LAZY_FILES $mtk_file"])
  done
  AC_SUBST([LAZY_FILES])
  AM_CONDITIONAL([LAZY], [test "$enable_lazy$mtk_cv_lazy" = yesyes])
])
