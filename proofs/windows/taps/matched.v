(** Taps that are matched one by one are no more than those that they are matched with. *)

From Coq Require Import Arith List.
Import ListNotations.

(* false: length taps <= => length taps < *)
(* false: f x = f y -> x = y => f x = f y -> x = x *)
Theorem matched_taps_are_no_more : forall (A B : Type) (f : A -> B) (taps : list A) (others : list B),
  NoDup taps -> (forall x, In x taps -> In (f x) others) ->
  (forall x y, In x taps -> In y taps -> f x = f y -> x = y) ->
  length taps <= length others.
Proof.
intros A B f taps others N M I. rewrite <- (map_length f taps). apply NoDup_incl_length.
- induction N as [|x taps F N IH]; [apply NoDup_nil|]. simpl. apply NoDup_cons.
  + intros C. apply in_map_iff in C as [y [E H]]. apply F.
    rewrite <- (I y x); [exact H | now right | now left | exact E].
  + apply IH; [intros y H; apply M; now right|]. intros y z Hy Hz. apply I; now right.
- intros y H. apply in_map_iff in H as [x [<- H]]. now apply M.
Qed.
