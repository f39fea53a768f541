(** The maximum of five numbers by maxima of two maxima of pairs, as two hidden layers compute it. *)

From Coq Require Import Reals Lra.
Open Scope R_scope.

Notation M := Rmax.
Definition M4 (a b c d : R) : R := M (M a b) (M c d).
Definition M5 (a b c d e : R) : R := M (M4 a b c d) e.

Ltac decide_maxima :=
  repeat match goal with
  | |- context [Rmax ?x ?y] =>
      lazymatch x with context [Rmax _ _] => fail | _ => idtac end;
      lazymatch y with context [Rmax _ _] => fail | _ => idtac end;
      first
        [ rewrite (Rmax_left x y) by lra
        | rewrite (Rmax_right x y) by lra
        | destruct (Rle_or_lt x y);
          [rewrite (Rmax_right x y) by lra | rewrite (Rmax_left x y) by lra] ]
  end.

(* false: + M4 a c d e + => + M4 a b d e + *)
(* false: - M (M a b + M a c) => - M (M a b + M a d) *)
Theorem max_of_five_in_two_layers : forall a b c d e,
  2 * M5 a b c d e =
  M (2 * a) (M b c + M d e) + M4 a c d e + M4 a b d e + M4 a b c e + M4 a b c d
  - M (M a b + M a c) (M b c + M d e) - M (M a d + M a e) (M b c + M d e).
Proof.
intros a b c d e. unfold M5, M4.
destruct (Rle_or_lt b c), (Rle_or_lt d e); decide_maxima; lra.
Qed.
