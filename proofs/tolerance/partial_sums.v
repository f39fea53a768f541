(** Partial sums of numbers added in any order: how many of them come before one of s numbers. *)

From Coq Require Import Arith Lia List Permutation Sorted.
Import ListNotations.

(** An order: a number, or the sum of what two orders come to. *)
Inductive order : Type := Number | Added (left right : order).

Fixpoint numbers (t : order) : nat :=
  match t with Number => 1 | Added s t => numbers s + numbers t end.
(** Of how many numbers each partial sum is, that of all included. *)
Fixpoint sizes (t : order) : list nat :=
  match t with Number => [] | Added s r => numbers (Added s r) :: sizes s ++ sizes r end.

Definition smaller (s : nat) (l : list nat) : nat := length (filter (fun x => x <? s) l).

Lemma at_least_one : forall t, 1 <= numbers t.
Proof. induction t; simpl; lia. Qed.

Lemma one_addition_less : forall t, S (length (sizes t)) = numbers t.
Proof. induction t as [|s IHs t IHt]; simpl; [reflexivity|]. rewrite app_length. lia. Qed.

Lemma at_most_all : forall t x, In x (sizes t) -> x <= numbers t.
Proof.
induction t as [|s IHs t IHt]; simpl; intros x H; [contradiction|].
pose proof (at_least_one s). pose proof (at_least_one t).
destruct H as [<-|H]; [lia|]. apply in_app_iff in H as [H|H]; [apply IHs in H | apply IHt in H]; lia.
Qed.

Lemma smaller_of_both : forall s l m, smaller s (l ++ m) = smaller s l + smaller s m.
Proof. intros s l m. unfold smaller. now rewrite filter_app, app_length. Qed.

Lemma smaller_of_all : forall s l, (forall x, In x l -> x < s) -> smaller s l = length l.
Proof.
induction l as [|x l IH]; intros H; [reflexivity|]. unfold smaller in *. simpl.
destruct (Nat.ltb_spec x s) as [_|L]; [|specialize (H x (or_introl eq_refl)); lia].
simpl. f_equal. apply IH. intros y Hy. apply H. now right.
Qed.

Lemma smaller_sums_inside : forall t s, In s (sizes t) -> s - 2 <= smaller s (sizes t).
Proof.
induction t as [|l IHl r IHr]; cbn [sizes]; intros s H; [contradiction|].
pose proof (at_least_one l). pose proof (at_least_one r).
change (numbers (Added l r) :: sizes l ++ sizes r)
  with ([numbers (Added l r)] ++ (sizes l ++ sizes r)) in *.
rewrite !smaller_of_both. destruct H as [<-|H].
- rewrite !smaller_of_all with (l := sizes _).
  + pose proof (one_addition_less l). pose proof (one_addition_less r). simpl. lia.
  + intros x Hx. apply at_most_all in Hx. simpl. lia.
  + intros x Hx. apply at_most_all in Hx. simpl. lia.
- cbn [app] in H. apply in_app_iff in H as [H|H]; [apply IHl in H | apply IHr in H]; lia.
Qed.

Lemma smaller_come_before : forall l i, StronglySorted le l -> i < length l ->
  smaller (nth i l 0) l <= i.
Proof.
induction l as [|x l IH]; intros i S H; [simpl in H; lia|]. inversion S as [|? ? S' F]. subst.
destruct i as [|i].
- simpl nth. unfold smaller. replace (filter (fun y => y <? x) (x :: l)) with (@nil nat); [easy|].
  symmetry. simpl. rewrite Nat.ltb_irrefl. clear - F. induction F as [|y l L F IH]; [reflexivity|].
  simpl. destruct (Nat.ltb_spec y x); [lia | exact IH].
- simpl in H |- *. assert (D : smaller (nth i l 0) l <= i) by (apply IH; [exact S' | lia]).
  unfold smaller in *. simpl. destruct (x <? nth i l 0); simpl; lia.
Qed.

Lemma smaller_permuted : forall s l m, Permutation l m -> smaller s l = smaller s m.
Proof.
intros s l m P. unfold smaller. induction P; simpl; try congruence.
- destruct (x <? s); simpl; congruence.
- destruct (x <? s), (y <? s); reflexivity.
Qed.

(** Sorted by how many numbers are in them, the one at place i, counted from 0, is of i + 2 at the
    most: there are s - 2 smaller ones inside one of s. *)
(* false: nth i sorted 0 <= i + 2 => nth i sorted 0 <= i + 1 *)
(* false: StronglySorted le => StronglySorted ge *)
Theorem partial_sums_are_few : forall (t : order) (sorted : list nat) i,
  Permutation sorted (sizes t) -> StronglySorted le sorted -> i < length sorted ->
  nth i sorted 0 <= i + 2.
Proof.
intros t sorted i P S H. pose proof (smaller_come_before sorted i S H) as B.
assert (I : In (nth i sorted 0) (sizes t)).
{ apply (Permutation_in _ P). now apply nth_In. }
apply smaller_sums_inside in I. rewrite <- (smaller_permuted _ _ _ P) in I. lia.
Qed.
