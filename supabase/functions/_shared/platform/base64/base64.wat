;; Strict base64 (RFC 4648, section 4: standard alphabet, no line breaks), 16 characters at a time, and the
;; search for the end of a JPEG. WebAssembly because it is fast from its first call, where JavaScript over
;; megabytes is slow until it has been optimised, and a worker doesn't live that long. The functions for
;; base64 leave what doesn't fill a block to the caller.
;;
;; The lookups by nibble, and a multiplication in place of two shifts, are Wojciech Muła's:
;; http://0x80.pl/notesen/2016-01-17-sse-base64-decoding.html and
;; http://0x80.pl/notesen/2016-01-12-sse-base64-encoding.html
;;
;; Each relaxed instruction is one of the processor's where the strict one is several. What they leave
;; undefined (an index above 15, a factor above 127) does not occur here.
;;
;; `deno task wasm` compiles this into base64-wasm.ts.
(module
  ;; 96 KiB of input, 128 KiB of output, and a little that is read and written beyond their ends.
  (memory (export "memory") 4)

  ;; Constants, but "mut" and read before the loop: V8 then keeps them in registers. What it knows to be
  ;; constant it builds anew each time round, which takes three times as long as all the rest.

  ;; To decode.
  (global $nibble (mut v128) (v128.const i32x4 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f 0x0f0f0f0f))
  ;; Each nibble has a set of classes; a character is wrong where its two nibbles share one.
  (global $low_classes (mut v128)
    (v128.const i8x16 0x15 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x11 0x13 0x1a 0x1b 0x1b 0x1b 0x1a))
  (global $high_classes (mut v128)
    (v128.const i8x16 0x10 0x10 0x01 0x02 0x04 0x08 0x04 0x08 0x10 0x10 0x10 0x10 0x10 0x10 0x10 0x10))
  ;; From the character to its value: what to add depends on the high nibble, and on being "/".
  (global $to_value (mut v128) (v128.const i8x16 0 16 19 4 -65 -65 -71 -71 0 0 0 0 0 0 0 0))
  (global $slash (mut v128) (v128.const i32x4 0x2f2f2f2f 0x2f2f2f2f 0x2f2f2f2f 0x2f2f2f2f))
  ;; Four values of 6 bits to 12 + 12 bits, to 24, to three bytes, most significant first.
  (global $to_12_bits (mut v128) (v128.const i8x16 0x40 1 0x40 1 0x40 1 0x40 1 0x40 1 0x40 1 0x40 1 0x40 1))
  (global $to_24_bits (mut v128) (v128.const i16x8 0x1000 1 0x1000 1 0x1000 1 0x1000 1))
  (global $to_bytes (mut v128) (v128.const i8x16 2 1 0 6 5 4 10 9 8 14 13 12 3 7 11 15))

  ;; To encode.
  ;; Of each three bytes a b c, the lane "b a c b" has every value of 6 bits in one piece.
  (global $to_lanes (mut v128) (v128.const i8x16 1 0 2 1 4 3 5 4 7 6 8 7 10 9 11 10))
  ;; The first and the third value have to go to the right, the second and the fourth to the left.
  (global $first (mut v128) (v128.const i32x4 0xfc00 0xfc00 0xfc00 0xfc00))
  (global $third (mut v128) (v128.const i32x4 0x0fc00000 0x0fc00000 0x0fc00000 0x0fc00000))
  (global $second_and_fourth (mut v128) (v128.const i32x4 0x3f03f0 0x3f03f0 0x3f03f0 0x3f03f0))
  (global $to_the_left (mut v128) (v128.const i16x8 0x10 0x100 0x10 0x100 0x10 0x100 0x10 0x100))
  ;; From the value to its character: 0–25 → 0, 26–51 → 1, 52–63 → 2–13, and what to add by that.
  (global $last_capital (mut v128) (v128.const i32x4 0x19191919 0x19191919 0x19191919 0x19191919))
  (global $last_letter (mut v128) (v128.const i32x4 0x33333333 0x33333333 0x33333333 0x33333333))
  (global $to_character (mut v128) (v128.const i8x16 65 71 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -19 -16 0 0))

  ;; To find a marker.
  (global $ff (mut v128) (v128.const i32x4 0xffffffff 0xffffffff 0xffffffff 0xffffffff))
  (global $restart (mut v128) (v128.const i32x4 0xd0d0d0d0 0xd0d0d0d0 0xd0d0d0d0 0xd0d0d0d0))
  (global $restart_bits (mut v128) (v128.const i32x4 0xf8f8f8f8 0xf8f8f8f8 0xf8f8f8f8 0xf8f8f8f8))
  (global $zero (mut v128) (v128.const i32x4 0 0 0 0))

  ;; Decodes blocks of 16 characters into 12 bytes each, up to the first block with a character that is
  ;; not of the alphabet. Writes 4 bytes more than it decodes.
  ;; Returns the number of characters decoded, a multiple of 16.
  (func (export "decode") (param $from i32) (param $length i32) (param $to i32) (result i32)
    (local $at i32) (local $end i32)
    (local $text v128) (local $high v128)
    (local $nibble v128) (local $low_classes v128) (local $high_classes v128)
    (local $to_value v128) (local $slash v128)
    (local $to_12_bits v128) (local $to_24_bits v128) (local $to_bytes v128)
    (local.set $nibble (global.get $nibble))
    (local.set $low_classes (global.get $low_classes))
    (local.set $high_classes (global.get $high_classes))
    (local.set $to_value (global.get $to_value))
    (local.set $slash (global.get $slash))
    (local.set $to_12_bits (global.get $to_12_bits))
    (local.set $to_24_bits (global.get $to_24_bits))
    (local.set $to_bytes (global.get $to_bytes))

    (local.set $at (local.get $from))
    (local.set $end (i32.add (local.get $from) (i32.and (local.get $length) (i32.const -16))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $text (v128.load (local.get $at)))
        (local.set $high
          (v128.and (i16x8.shr_u (local.get $text) (i32.const 4)) (local.get $nibble)))
        (br_if $done
          (v128.any_true
            (v128.and
              (i8x16.relaxed_swizzle
                (local.get $low_classes)
                (v128.and (local.get $text) (local.get $nibble)))
              (i8x16.relaxed_swizzle (local.get $high_classes) (local.get $high)))))
        (local.set $text
          (i8x16.add
            (local.get $text)
            (i8x16.relaxed_swizzle
              (local.get $to_value)
              (i8x16.add (local.get $high) (i8x16.eq (local.get $text) (local.get $slash))))))
        (v128.store (local.get $to)
          (i8x16.relaxed_swizzle
            (i32x4.dot_i16x8_s
              (i16x8.relaxed_dot_i8x16_i7x16_s (local.get $to_12_bits) (local.get $text))
              (local.get $to_24_bits))
            (local.get $to_bytes)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (local.set $to (i32.add (local.get $to) (i32.const 12)))
        (br $next)))
    (i32.sub (local.get $at) (local.get $from)))

  ;; Encodes blocks of 12 bytes into 16 characters each. Reads 4 bytes more than it encodes.
  ;; Returns the number of bytes encoded, a multiple of 12.
  (func (export "encode") (param $from i32) (param $length i32) (param $to i32) (result i32)
    (local $at i32) (local $end i32)
    (local $bits v128)
    (local $to_lanes v128)
    (local $first v128) (local $third v128) (local $second_and_fourth v128) (local $to_the_left v128)
    (local $last_capital v128) (local $last_letter v128) (local $to_character v128)
    (local.set $to_lanes (global.get $to_lanes))
    (local.set $first (global.get $first))
    (local.set $third (global.get $third))
    (local.set $second_and_fourth (global.get $second_and_fourth))
    (local.set $to_the_left (global.get $to_the_left))
    (local.set $last_capital (global.get $last_capital))
    (local.set $last_letter (global.get $last_letter))
    (local.set $to_character (global.get $to_character))

    (local.set $at (local.get $from))
    (local.set $end (i32.add (local.get $from) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 12)) (local.get $end)))
        (local.set $bits
          (i8x16.relaxed_swizzle (v128.load (local.get $at)) (local.get $to_lanes)))
        (local.set $bits
          (v128.or
            (v128.or
              (i32x4.shr_u (v128.and (local.get $bits) (local.get $first)) (i32.const 10))
              (i32x4.shr_u (v128.and (local.get $bits) (local.get $third)) (i32.const 6)))
            (i16x8.mul
              (v128.and (local.get $bits) (local.get $second_and_fourth))
              (local.get $to_the_left))))
        (v128.store (local.get $to)
          (i8x16.add
            (local.get $bits)
            (i8x16.relaxed_swizzle
              (local.get $to_character)
              (i8x16.sub
                (i8x16.sub_sat_u (local.get $bits) (local.get $last_letter))
                (i8x16.gt_s (local.get $bits) (local.get $last_capital))))))
        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (local.set $to (i32.add (local.get $to) (i32.const 16)))
        (br $next)))
    (i32.sub (local.get $at) (local.get $from)))

  ;; Finds the next marker in the compressed data of a JPEG, 16 bytes at a time: a byte of ff that is followed
  ;; by none of 00 (an ff of the data), d0 to d7 (a restart within it), ff (filling). Reads 16 bytes beyond
  ;; the end.
  ;; Returns its place, or the length when there is none whose ff is within it.
  (func (export "find_marker") (param $length i32) (result i32)
    (local $at i32) (local $found i32)
    (local $next v128)
    (local $ff v128) (local $restart v128) (local $restart_bits v128) (local $zero v128)
    (local.set $ff (global.get $ff))
    (local.set $restart (global.get $restart))
    (local.set $restart_bits (global.get $restart_bits))
    (local.set $zero (global.get $zero))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
        (local.set $next (v128.load offset=1 (local.get $at)))
        (local.set $found
          (i8x16.bitmask
            (v128.andnot
              (i8x16.eq (v128.load (local.get $at)) (local.get $ff))
              (v128.or
                (v128.or
                  (i8x16.eq (local.get $next) (local.get $zero))
                  (i8x16.eq (local.get $next) (local.get $ff)))
                (i8x16.eq
                  (v128.and (local.get $next) (local.get $restart_bits))
                  (local.get $restart))))))
        (if (local.get $found)
          (then
            (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found))))
            (br $done)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $again)))
    (if (result i32) (i32.lt_u (local.get $at) (local.get $length))
      (then (local.get $at))
      (else (local.get $length)))))
