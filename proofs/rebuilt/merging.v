(** Taps merged two at a time, in any number system: trees, rows and columns, maps.

    [A] is what a number system has for elements and [same] when it takes two of them for equal, as
    floats do with zeros of both signs. Of [merge] nothing is known but what a theorem says, and that
    it makes equal elements of equal ones. [false] in a comment names what must not be provable in
    its place. *)

From Coq Require Import List Setoid Morphisms.
Import ListNotations.

Inductive tree (A : Type) : Type := Tap (x : A) | Merge (s t : tree A).
Arguments Tap {A} x.
Arguments Merge {A} s t.

Fixpoint first {A : Type} (t : tree A) : A :=
  match t with Tap x => x | Merge s _ => first s end.
(** The other taps, from left to right. *)
Fixpoint others {A : Type} (t : tree A) : list A :=
  match t with Tap _ => [] | Merge s t => others s ++ first t :: others t end.

Section Merging.

Variable A : Type.
Variable same : A -> A -> Prop.
Context {equivalence : Equivalence same}.
Variable merge : A -> A -> A.
Context {proper : Proper (same ==> same ==> same) merge}.

Definition folded (x : A) (taps : list A) : A := fold_left merge taps x.
Fixpoint merged (t : tree A) : A :=
  match t with Tap x => x | Merge s t => merge (merged s) (merged t) end.

Lemma folded_same : forall taps x y, same x y -> same (folded x taps) (folded y taps).
Proof.
induction taps as [|t taps IH]; intros x y H; [exact H|].
unfold folded in *. simpl. apply IH. now rewrite H.
Qed.

Lemma fold_from : (forall x y z, same (merge x (merge y z)) (merge (merge x y) z)) ->
  forall taps x y, same (merge x (folded y taps)) (folded (merge x y) taps).
Proof.
intros assoc. induction taps as [|t taps IH]; intros x y; [reflexivity|].
change (same (merge x (folded (merge y t) taps)) (folded (merge (merge x y) t) taps)).
rewrite IH. now apply folded_same.
Qed.

(* false: (merge (merge x y) z)) -> => (merge x (merge y z))) -> *)
Theorem any_tree_is_the_fold :
  (forall x y z, same (merge x (merge y z)) (merge (merge x y) z)) ->
  forall t, same (merged t) (folded (first t) (others t)).
Proof.
intros assoc. induction t as [x|s IHs t IHt]; [reflexivity|]. simpl.
rewrite IHs, IHt, fold_from by exact assoc. unfold folded. rewrite fold_left_app. reflexivity.
Qed.

(* false: (merge (merge x y) z)) -> => (merge x (merge y z))) -> *)
Theorem rows_then_columns :
  (forall x y z, same (merge x (merge y z)) (merge (merge x y) z)) ->
  forall (rows : list (A * list A)) x taps,
  same (folded (folded x taps) (map (fun row => folded (fst row) (snd row)) rows))
    (folded x (taps ++ concat (map (fun row => fst row :: snd row) rows))).
Proof.
intros assoc. induction rows as [|[y more] rows IH]; intros x taps.
- simpl. now rewrite app_nil_r.
- transitivity (folded (folded x (taps ++ y :: more))
    (map (fun row => folded (fst row) (snd row)) rows)).
  + apply (folded_same _ (merge (folded x taps) (folded y more))).
    rewrite fold_from by exact assoc. unfold folded. rewrite fold_left_app. reflexivity.
  + rewrite IH. simpl. now rewrite <- app_assoc.
Qed.

End Merging.

Section Maps.

Variables A B : Type.
Variable same : B -> B -> Prop.
Context {equivalence : Equivalence same}.
Variables (merge : A -> A -> A) (other : B -> B -> B).
Context {proper : Proper (same ==> same ==> same) other}.
Variable f : A -> B.

(* false: (other (f x) (f y))) -> => (f (merge x y))) -> *)
Theorem what_keeps_a_merge_keeps_a_fold :
  (forall x y, same (f (merge x y)) (other (f x) (f y))) ->
  forall taps x, same (f (folded A merge x taps)) (folded B other (f x) (map f taps)).
Proof.
intros keeps. induction taps as [|t taps IH]; intros x; [reflexivity|].
change (same (f (folded A merge (merge x t) taps)) (folded B other (other (f x) (f t)) (map f taps))).
rewrite IH. now apply folded_same.
Qed.

End Maps.
